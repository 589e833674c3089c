/// What sends requests and awaits their replies: `AMQPRequester`, or a stand-in for it and the broker.
public protocol MessageRequesting: Sendable {
    /// As `AMQPRequester.request`.
    func request(
        _ message: AMQPMessage, exchange: String, routingKey: String, consumedFrom queue: String?, deadline: ContinuousClock.Instant
    ) async throws(AMQPError) -> AMQPMessage

    /// Whether a request would be sent now.
    var isConnected: Bool { get async }

    /// What waits fails with `.closed`, as do later calls.
    func close() async
}

extension MessageRequesting {
    /// Waits for its reply until the deadline, also where nobody consumes the queue.
    public func request(
        _ message: AMQPMessage, exchange: String, routingKey: String, deadline: ContinuousClock.Instant
    ) async throws(AMQPError) -> AMQPMessage {
        try await request(message, exchange: exchange, routingKey: routingKey, consumedFrom: nil, deadline: deadline)
    }
}
