import AMQP

/// What a client consumes.
struct Subscriber: Sendable {
    enum Sink: Sendable {
        case deliveries(AMQPDeliverySource)
        /// Of a requester's own queue.
        case replies
    }

    let connection: UInt64
    let queue: String
    /// Nil: any number, and without ack.
    let prefetch: Int?
    let sink: Sink
    /// An exclusive queue of its own, with its bindings, made anew with each connection.
    var own: [AMQPBinding]?
    /// Its present channel, by which the queue knows it; nil: the queue is not there, or the connection.
    var channel: UInt64?
    /// No more is delivered; what was can be settled.
    var isCancelled = false
}
