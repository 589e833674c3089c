/// What the broker sends, as far as this client has a use for it.
enum ServerMethod: Equatable {
    case connectionStart(mechanisms: String)
    case connectionTune(ConnectionLimits)
    case connectionOpenOk
    case connectionClose(code: Int, text: String)
    case connectionCloseOk
    case connectionBlocked(reason: String)
    case connectionUnblocked
    case channelOpenOk
    case channelFlow(isActive: Bool)
    case channelClose(code: Int, text: String)
    case channelCloseOk
    case confirmSelectOk
    case exchangeDeclareOk
    /// With how many messages are ready and how many consumers there are.
    case queueDeclareOk(queue: String, messages: Int, consumers: Int)
    case queueBindOk
    case queuePurgeOk
    case queueDeleteOk
    case qosOk
    case consumeOk(tag: String)
    case consumerCancelled(tag: String)
    case cancelOk(tag: String)
    case deliver(Deliver)
    case returned(Returned)
    case ack(sequence: UInt64, isMultiple: Bool)
    case nack(sequence: UInt64, isMultiple: Bool)
    case other(UInt32)

    struct Deliver: Equatable {
        var deliveryTag: UInt64
        var isRedelivered: Bool
        var exchange: String
        var routingKey: String
    }

    struct Returned: Equatable {
        var code: Int
        var text: String
        var exchange: String
        var routingKey: String
    }

    /// Which request it answers; nil for what comes unasked.
    var reply: Reply? {
        switch self {
        case .channelOpenOk: .channelOpenOk
        case .channelCloseOk: .channelCloseOk
        case .confirmSelectOk: .confirmSelectOk
        case .exchangeDeclareOk: .exchangeDeclareOk
        case .queueDeclareOk: .queueDeclareOk
        case .queueBindOk: .queueBindOk
        case .queuePurgeOk: .queuePurgeOk
        case .queueDeleteOk: .queueDeleteOk
        case .qosOk: .qosOk
        case .consumeOk: .consumeOk
        case .cancelOk: .cancelOk
        default: nil
        }
    }
}

/// The answers to synchronous methods.
enum Reply: Equatable {
    case channelOpenOk, channelCloseOk, confirmSelectOk, exchangeDeclareOk, queueDeclareOk, queueBindOk, queuePurgeOk, queueDeleteOk
    case qosOk, consumeOk, cancelOk
}

/// As negotiated by `connection.tune`.
struct ConnectionLimits: Equatable {
    var channelMax: Int
    /// Bytes, of the whole frame.
    var frameMax: Int
    /// Seconds; 0 is none.
    var heartbeat: Int
}
