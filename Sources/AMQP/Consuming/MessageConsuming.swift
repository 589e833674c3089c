/// What consumes queues: `AMQPConsumer`, or a stand-in for it and the broker, which makes its sequences with `AMQPDeliveries.makeStream`.
public protocol MessageConsuming: Sendable {
    /// As `AMQPConsumer.consume`.
    func consume(queue: String, prefetch: Int) async throws(AMQPError) -> AMQPDeliveries
    /// As `AMQPConsumer.cancel`.
    func cancel(_ deliveries: AMQPDeliveries) async
    /// Cancels every subscription, as `cancel` does.
    func cancelAll() async
    /// As `AMQPConsumer.release`.
    func release(_ deliveries: AMQPDeliveries) async
    /// Whether the broker delivers for every subscription that is not cancelled.
    var isConsuming: Bool { get async }
    /// Ends every sequence. What was not acknowledged is delivered again, to others.
    func close() async
}
