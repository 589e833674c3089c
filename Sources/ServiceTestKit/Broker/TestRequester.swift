public import AMQP

/// What `AMQPRequester` with an exclusive reply queue is, on a `TestBroker`.
public final class TestRequester: MessageRequesting {
    private let broker: TestBroker
    private let session: UInt64

    init(broker: TestBroker, session: UInt64) {
        self.broker = broker
        self.session = session
    }

    public func request(
        _ message: AMQPMessage, exchange: String, routingKey: String, consumedFrom queue: String?, deadline: ContinuousClock.Instant
    ) async throws(AMQPError) -> AMQPMessage {
        let publication = AMQPPublication(message, exchange: exchange, routingKey: routingKey)
        let reply = try await broker.make(.request(consumedFrom: queue), publication, session: session, deadline: deadline).get()
        guard let reply else { throw AMQPError(.protocolViolation, "the test broker settled a request without a reply") }
        return reply
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
