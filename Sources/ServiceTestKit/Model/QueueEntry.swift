import AMQP

/// A message in one queue.
struct QueueEntry: Sendable {
    var message: AMQPMessage
    /// How it was published.
    var exchange: String
    var routingKey: String
    /// Where it stands among the queue's messages.
    var position: UInt64 = 0
    /// How often it was returned to a quorum queue.
    var returns = 0
    var wasDelivered = false
    /// By the clock's offset.
    var expiresAt: Duration?
}
