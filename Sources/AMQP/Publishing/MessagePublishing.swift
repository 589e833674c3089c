/// What publishes messages with a confirm each: `AMQPPublisher`, or a stand-in for it and the broker.
public protocol MessagePublishing: Sendable {
    /// As `AMQPPublisher.publish(_:to:routingKey:deadline:)`.
    func publish(
        _ message: AMQPMessage, to exchange: String, routingKey: String, deadline: ContinuousClock.Instant
    ) async throws(AMQPError)

    /// As `AMQPPublisher.publish(_:deadline:settled:)`.
    func publish(
        _ batch: [AMQPPublication], deadline: ContinuousClock.Instant, settled: @escaping @Sendable ([AMQPOutcome]) -> Void
    ) async

    var isConnected: Bool { get async }

    /// What is not confirmed fails with `.closed`, as do later calls.
    func close() async
}

extension MessagePublishing {
    /// One after the other, each settled before the next is sent.
    public func publish(
        _ batch: [AMQPPublication], deadline: ContinuousClock.Instant, settled: @escaping @Sendable ([AMQPOutcome]) -> Void
    ) async {
        for (index, publication) in batch.enumerated() {
            var failure: AMQPError?
            do throws(AMQPError) {
                try await publish(
                    publication.message, to: publication.exchange, routingKey: publication.routingKey, deadline: deadline)
            } catch {
                failure = error
            }
            settled([AMQPOutcome(index: index, error: failure)])
        }
    }
}
