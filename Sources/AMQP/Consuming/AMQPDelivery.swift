/// A message that the broker handed over and that has to be settled: `ack` or `reject`.
public struct AMQPDelivery: Sendable {
    public enum Settlement: Sendable, Equatable {
        case acknowledged
        case rejected(requeue: Bool)
    }

    public let message: AMQPMessage
    public let exchange: String
    public let routingKey: String
    public let queue: String
    public let isRedelivered: Bool
    /// Nil in a stand-in's delivery.
    var tag: Subscription.Tag?
    private let settle: @Sendable (Settlement) async -> Void

    /// - Parameter settle: called at each `ack` and `reject`; it has to be idempotent.
    public init(
        message: AMQPMessage, exchange: String, routingKey: String, queue: String, isRedelivered: Bool,
        settle: @escaping @Sendable (Settlement) async -> Void
    ) {
        self.message = message
        self.exchange = exchange
        self.routingKey = routingKey
        self.queue = queue
        self.isRedelivered = isRedelivered
        self.settle = settle
    }

    /// What `ack` and `reject` call: for whoever holds a delivery for long without keeping its message.
    package var settling: @Sendable (Settlement) async -> Void { settle }

    /// How often a quorum queue delivered this message before; nil for the first time, and from a classic queue.
    public var deliveryCount: Int? {
        message.properties.headers["x-delivery-count"]?.int.flatMap { Int(exactly: $0) }
    }

    /// The broker may forget the message; it is told soon, and at the latest before the consumer's `cancel` or `close`. A no-op when it is settled already, or when the connection it came by is gone: then the broker
    /// delivers it again.
    public func ack() async {
        await settle(.acknowledged)
    }

    /// - Parameter requeue: false sends it to the queue's dead-letter exchange (or drops it where there is none). A no-op as with `ack`.
    public func reject(requeue: Bool) async {
        await settle(.rejected(requeue: requeue))
    }
}
