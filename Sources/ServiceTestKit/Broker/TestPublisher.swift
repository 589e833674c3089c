public import AMQP

/// What `AMQPPublisher` is, on a `TestBroker`.
public final class TestPublisher: MessagePublishing {
    private let broker: TestBroker
    private let session: UInt64

    init(broker: TestBroker, session: UInt64) {
        self.broker = broker
        self.session = session
    }

    public func publish(
        _ message: AMQPMessage, to exchange: String, routingKey: String, deadline: ContinuousClock.Instant
    ) async throws(AMQPError) {
        let publication = AMQPPublication(message, exchange: exchange, routingKey: routingKey)
        _ = try await broker.make(.publish, publication, session: session, deadline: deadline).get()
    }

    public func publish(
        _ batch: [AMQPPublication], deadline: ContinuousClock.Instant, settled: @escaping @Sendable ([AMQPOutcome]) -> Void
    ) async {
        let calls = batch.map { broker.begin(.publish, $0, session: session, deadline: deadline) }
        var outcomes: [AMQPOutcome] = []
        for (index, call) in calls.enumerated() {
            if let outcome = call.promise.resolved {
                outcomes.append(AMQPOutcome(index: index, error: outcome.error))
            } else {
                // The caller does not wait for those that are not sent yet.
                Task { [broker] in
                    settled([AMQPOutcome(index: index, error: await broker.outcome(of: call, deadline: deadline).error)])
                }
            }
        }
        if !outcomes.isEmpty { settled(outcomes) }
    }

    public var isConnected: Bool {
        get async { broker.look { [session] in $0.isOpen(session) } }
    }

    public func close() async {
        broker.change { [session] in $0.close(session, at: $1) }
    }

    /// Cuts this connection alone.
    public func cutConnection() {
        broker.change { [session] in $0.cut(session, at: $1) }
    }

    public func restoreConnection() {
        broker.change { [session] in $0.restore(session, at: $1) }
    }
}

extension Result {
    fileprivate var error: Failure? { if case .failure(let error) = self { error } else { nil } }
}
