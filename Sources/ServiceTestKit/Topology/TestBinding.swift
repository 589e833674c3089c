public import AMQP

/// What brings messages from an exchange to a queue of a `TestBroker`.
public struct TestBinding: Sendable, Hashable {
    public var exchange: String
    public var queue: String
    public var key: String
    /// Of a headers exchange: the headers that a message must have, and `x-match`.
    public var arguments: [String: AMQPValue]

    public init(exchange: String, queue: String, key: String = "", arguments: [String: AMQPValue] = [:]) {
        self.exchange = exchange
        self.queue = queue
        self.key = key
        self.arguments = arguments
    }
}
