/// A message and where it goes.
public struct AMQPPublication: Sendable, Equatable {
    public var message: AMQPMessage
    /// "" is the default exchange, whose routing keys are the queues' names.
    public var exchange: String
    public var routingKey: String

    public init(_ message: AMQPMessage, exchange: String, routingKey: String) {
        self.message = message
        self.exchange = exchange
        self.routingKey = routingKey
    }
}
