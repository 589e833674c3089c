public import AMQP

/// What `AMQPConsumer` is, on a `TestBroker`.
public final class TestConsumer: MessageConsuming {
    private let broker: TestBroker
    private let session: UInt64

    init(broker: TestBroker, session: UInt64) {
        self.broker = broker
        self.session = session
    }

    public func consume(queue: String, prefetch: Int) async throws(AMQPError) -> AMQPDeliveries {
        try subscribe(queue, prefetch: prefetch, bindings: nil)
    }

    /// As `AMQPConsumer.consumeExclusive`.
    public func consumeExclusive(queue: String, bindings: [AMQPBinding], prefetch: Int) async throws(AMQPError) -> AMQPDeliveries {
        try subscribe(queue, prefetch: prefetch, bindings: bindings)
    }

    private func subscribe(_ queue: String, prefetch: Int, bindings: [AMQPBinding]?) throws(AMQPError) -> AMQPDeliveries {
        guard (1...65535).contains(prefetch) else {
            throw AMQPError(.invalidArgument, "the prefetch of queue \"\(queue)\" is \(prefetch); it must be 1 to 65535")
        }
        guard (1...255).contains(queue.utf8.count) else {
            throw AMQPError(.invalidArgument, "a queue's name has 1 to 255 bytes; this one has \(queue.utf8.count)")
        }
        let deliveries = broker.change { [session] state, time -> AMQPDeliveries? in
            guard !state.isClosed(session) else { return nil }
            let id = state.makeID()
            let (deliveries, source) = AMQPDeliveries.makeStream(queue: queue, id: id)
            let subscriber = Subscriber(connection: session, queue: queue, prefetch: prefetch, sink: .deliveries(source), own: bindings)
            state.subscribe(subscriber, id: id, at: time)
            return deliveries
        }
        guard let deliveries else { throw AMQPError(.closed, "this client of the test broker was closed by its owner") }
        return deliveries
    }

    public func cancel(_ deliveries: AMQPDeliveries) async {
        await cancel(deliveries.id)
    }

    private func cancel(_ id: UInt64) async {
        for delivery in broker.change({ $0.cancel(id, at: $1) }) { await delivery.reject(requeue: true) }
    }

    public func cancelAll() async {
        let ids = broker.look { [session] in $0.subscribers.filter { $0.value.connection == session }.keys.sorted() }
        for id in ids { await cancel(id) }
    }

    public func release(_ deliveries: AMQPDeliveries) async {
        broker.change { $0.release(deliveries.id, at: $1) }
    }

    public var isConsuming: Bool {
        get async { broker.look { [session] in $0.isConsuming(session) } }
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
