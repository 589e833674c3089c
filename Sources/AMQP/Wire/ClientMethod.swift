/// What this client sends.
enum ClientMethod: Equatable {
    case connectionStartOk(user: String, password: String, properties: [String: AMQPValue])
    case connectionTuneOk(ConnectionLimits)
    case connectionOpen(virtualHost: String)
    case connectionClose(code: Int, text: String)
    case connectionCloseOk
    case channelOpen
    case channelFlowOk(isActive: Bool)
    case channelClose
    case channelCloseOk
    case confirmSelect
    case exchangeDeclare(exchange: String, type: String, isDurable: Bool)
    case queueDeclare(QueueDeclaration)
    case queueBind(queue: String, AMQPBinding)
    case queuePurge(queue: String)
    case queueDelete(queue: String)
    case qos(prefetch: Int)
    case consume(queue: String, tag: String, isWithoutAck: Bool)
    case cancel(tag: String)
    /// Always `mandatory`: the broker confirms what it throws away.
    case publish(exchange: String, routingKey: String)
    /// - Parameter isMultiple: that delivery and all before it on the channel.
    case ack(tag: UInt64, isMultiple: Bool)
    case reject(tag: UInt64, requeue: Bool)

    /// What the broker answers on the same channel; nil for what it does not answer, and for what the handshake looks after.
    var expectedReply: Reply? {
        switch self {
        case .channelOpen: .channelOpenOk
        case .channelClose: .channelCloseOk
        case .confirmSelect: .confirmSelectOk
        case .exchangeDeclare: .exchangeDeclareOk
        case .queueDeclare: .queueDeclareOk
        case .queueBind: .queueBindOk
        case .queuePurge: .queuePurgeOk
        case .queueDelete: .queueDeleteOk
        case .qos: .qosOk
        case .consume: .consumeOk
        case .cancel: .cancelOk
        default: nil
        }
    }
}

struct QueueDeclaration: Equatable {
    var queue: String
    /// Only asks: 404 where there is none.
    var isPassive = false
    var isDurable = false
    var isExclusive = false
    var isAutoDelete = false
    var arguments: [String: AMQPValue] = [:]
}
