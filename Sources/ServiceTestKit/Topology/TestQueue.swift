/// A queue of a `TestBroker`, with what RabbitMQ has in its arguments and its policy.
public struct TestQueue: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable {
        case quorum, classic
    }

    /// What happens to a message that comes to a full queue.
    public enum Overflow: String, Sendable {
        /// The oldest one goes, to the dead letters where there are any.
        case dropHead = "drop-head"
        /// The publish is refused.
        case rejectPublish = "reject-publish"
    }

    public var name: String
    public var kind: Kind
    public var isSingleActiveConsumer = false
    /// Quorum only: returned more often than this, a message is a dead letter. Nil: never, and one that is returned goes to the back.
    public var deliveryLimit: Int?
    /// Messages that wait; nil: any number.
    public var maximumLength: Int?
    public var overflow = Overflow.dropHead
    public var messageTTL: Duration?
    /// Nil: dead letters are dropped. "" is the default exchange.
    public var deadLetterExchange: String?
    /// Nil: that of the message.
    public var deadLetterRoutingKey: String?
    /// Quorum only: a dead letter that no queue takes is kept and tried again.
    public var isDeadLetteringAtLeastOnce = false

    public init(_ name: String, _ kind: Kind = .quorum) {
        self.name = name
        self.kind = kind
    }
}
