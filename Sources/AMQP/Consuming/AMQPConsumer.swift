import EventThread
public import Logging

/// Consumes any number of queues on a connection of its own, a channel each.
///
/// It connects by itself and again whenever the connection is lost; then the subscriptions come back, and the broker delivers again what
/// was not acknowledged. A queue that is not there (yet, or any more) is tried again with backoff.
public actor AMQPConsumer: MessageConsuming {
    /// Replies that were delivered and not taken yet, of a reply queue.
    private static let replyPrefetch = 1000

    private nonisolated let thread: EventThread
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private let connection: Connection
    private let subscriptions: SubscriptionSet
    private nonisolated let settlements = SettlementInbox()
    private var lastID: UInt64 = 0

    public init(configuration: AMQPConfiguration, logger: Logger) {
        thread = EventThread(name: "amqp-consume")
        connection = Connection(configuration: configuration, thread: thread, logger: logger)
        subscriptions = SubscriptionSet(connection: connection, thread: thread, logger: logger)
        // Connecting has to begin on the thread; the first subscription would begin it as well.
        Task { await start() }
    }

    private func start() {
        connection.start()
    }

    // MARK: - Subscriptions

    /// - Parameters:
    ///   - prefetch: how many deliveries may be unsettled at a time, 1 to 65535.
    /// - Throws: `.invalidArgument`, `.closed`, `.overloaded` (too many subscriptions).
    public func consume(queue: String, prefetch: Int) throws(AMQPError) -> AMQPDeliveries {
        try subscribe(Subscription.Plan(queue: queue, prefetch: prefetch))
    }

    /// Declares an exclusive queue that lives as long as this connection, bound as told, and consumes it; declared anew under the same
    /// name after each reconnect. What arrives while it is gone is lost.
    /// - Throws: as `consume`.
    public func consumeExclusive(queue: String, bindings: [AMQPBinding], prefetch: Int) throws(AMQPError) -> AMQPDeliveries {
        try subscribe(Subscription.Plan(queue: queue, prefetch: prefetch, isDeclared: true, bindings: bindings))
    }

    /// An exclusive queue with a random name, declared anew under the same name after each reconnect. Its messages need no `ack`.
    /// - Throws: as `consume`.
    public func declareReplyQueue(prefix: String) throws(AMQPError) -> (name: String, deliveries: AMQPDeliveries) {
        let name = prefix + Identifier.random()
        let plan = Subscription.Plan(queue: name, prefetch: Self.replyPrefetch, isDeclared: true)
        return (name, try subscribe(plan, isAcknowledgedByItself: true))
    }

    /// Ends a subscription: no more deliveries come, those not yet taken from the sequence go back to the queue, and those that were taken
    /// can still be settled. Returns when the broker has confirmed it.
    public func cancel(_ deliveries: AMQPDeliveries) async {
        carryOutSettlements()
        guard let subscription = subscriptions[deliveries.id] else { return }
        await withCheckedContinuation { continuation in
            subscription.cancel { continuation.resume() }
        }
    }

    /// Cancels every subscription, as `cancel` does.
    public func cancelAll() async {
        carryOutSettlements()
        await withCheckedContinuation { continuation in
            subscriptions.cancelAll { continuation.resume() }
        }
    }

    /// Ends a subscription by closing its channel: what was delivered and not settled, taken or not, goes back to the queue in its order,
    /// before the broker delivers later messages to the next consumer. So a consumer of a queue with `x-single-active-consumer` settles
    /// what it has begun and then releases the rest; `cancel` would let the next consumer begin while this one still holds earlier
    /// messages. Settling later is a no-op. Returns when the broker has closed the channel.
    public func release(_ deliveries: AMQPDeliveries) async {
        carryOutSettlements()
        guard let subscription = subscriptions[deliveries.id] else { return }
        await withCheckedContinuation { continuation in
            subscription.release { continuation.resume() }
        }
    }

    /// Lets a subscription have more: its consumer is cancelled, keeps what it holds, and another one follows it on the same channel, so that
    /// should all of it go back to the queue, it goes back in its order. A no-op unless the broker delivers for it.
    /// - Parameter prefetch: of the new consumer, 1 to 65535, beside what the ones before it hold.
    package func extend(_ deliveries: AMQPDeliveries, prefetch: Int) {
        guard (1...65535).contains(prefetch) else { return }
        subscriptions[deliveries.id]?.extend(prefetch: prefetch)
    }

    private func subscribe(_ plan: Subscription.Plan, isAcknowledgedByItself: Bool = false) throws(AMQPError) -> AMQPDeliveries {
        let buffer = DeliveryBuffer()
        let (_, id) = try subscriptions.subscribe(plan) { subscription, id in
            subscription.delivered = { [weak self] deliver, message, tag in
                var delivery = AMQPDelivery(
                    message: message, exchange: deliver.exchange, routingKey: deliver.routingKey, queue: plan.queue,
                    isRedelivered: deliver.isRedelivered,
                    settle: { [weak self] in self?.settle(.init(subscription: id, tag: tag, settlement: $0)) })
                delivery.tag = tag
                buffer.append(delivery)
            }
            subscription.lost = { buffer.removeAll() }
            subscription.finished = { [weak subscription] in
                for tag in buffer.finish().compactMap(\.tag) { subscription?.settle(tag, .rejected(requeue: true)) }
            }
        }
        return AMQPDeliveries(
            queue: plan.queue, id: id, buffer: buffer, isAcknowledgedByItself: isAcknowledgedByItself, consumer: self)
    }

    private nonisolated func settle(_ entry: SettlementInbox.Entry) {
        guard settlements.add(entry) else { return }
        // One task for all that come until the thread takes them.
        Task { await carryOutSettlements() }
    }

    private func carryOutSettlements() {
        var settled: Set<UInt64> = []
        for entry in settlements.takeAll() {
            subscriptions[entry.subscription]?.settle(entry.tag, entry.settlement)
            settled.insert(entry.subscription)
        }
        for id in settled { subscriptions[id]?.tellAcknowledgements() }
    }

    // MARK: - Declarations

    /// Services declare nothing: the supervisor does. This is for tests and tools.
    package func declareQueue(
        _ queue: String, isDurable: Bool = true, isExclusive: Bool = false, isAutoDelete: Bool = false,
        arguments: [String: AMQPValue] = [:]
    ) async throws(AMQPError) {
        let declaration = QueueDeclaration(
            queue: queue, isDurable: isDurable, isExclusive: isExclusive, isAutoDelete: isAutoDelete, arguments: arguments)
        try await call([.queueDeclare(declaration)])
    }

    package func declareExchange(_ exchange: String, type: String, isDurable: Bool = true) async throws(AMQPError) {
        try await call([.exchangeDeclare(exchange: exchange, type: type, isDurable: isDurable)])
    }

    package func bind(queue: String, to exchange: String, routingKey: String) async throws(AMQPError) {
        try await call([.queueBind(queue: queue, AMQPBinding(exchange: exchange, routingKey: routingKey))])
    }

    /// - Returns: how many of its messages are ready, and how many consumers it has.
    /// - Throws: `.notFound`, `.resourceLocked` (another connection's exclusive queue), `.notConnected`, `.closed`.
    package func inspectQueue(_ queue: String) async throws(AMQPError) -> (messages: Int, consumers: Int) {
        let answer = try await call([.queueDeclare(QueueDeclaration(queue: queue, isPassive: true))])
        guard case .queueDeclareOk(_, let messages, let consumers) = answer else {
            throw AMQPError(.protocolViolation, "the broker did not say what queue \"\(queue)\" holds")
        }
        return (messages, consumers)
    }

    package func purgeQueue(_ queue: String) async throws(AMQPError) {
        try await call([.queuePurge(queue: queue)])
    }

    package func deleteQueue(_ queue: String) async throws(AMQPError) {
        try await call([.queueDelete(queue: queue)])
    }

    /// Opens and closes a channel: the broker answers.
    func openAndCloseChannel() async throws(AMQPError) {
        try await call([])
    }

    @discardableResult
    private func call(_ methods: [ClientMethod]) async throws(AMQPError) -> ServerMethod {
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<ServerMethod, AMQPError>, Never>) in
            subscriptions.call(methods) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    // MARK: - The connection

    public var isConnected: Bool { connection.isOpen }

    /// Whether the broker delivers for every subscription that is not cancelled.
    public var isConsuming: Bool { connection.isOpen && subscriptions.isConsuming }

    /// Returns as soon as there is a connection.
    /// - Throws: `.notConnected` with the last failure's reason when there is none by the deadline; `.closed`, `.cancelled`.
    public func waitUntilConnected(deadline: ContinuousClock.Instant) async throws(AMQPError) {
        connection.start()
        lastID += 1
        let id = lastID
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { connection.waitUntilOpen(id: id, deadline: deadline, continuation: $0) }
        } onCancel: {
            // The handler is called on any thread and may not wait.
            Task { await stopWaiting(id) }
        }
        try result.get()
    }

    private func stopWaiting(_ id: UInt64) {
        connection.stopWaiting(id, AMQPError(.cancelled, "the task that waited for the broker was cancelled"))
    }

    /// Ends the connection and every sequence. The broker delivers again, to others, what was not acknowledged.
    public func close() async {
        carryOutSettlements()
        await withCheckedContinuation { continuation in
            subscriptions.close { continuation.resume() }
        }
    }
}
