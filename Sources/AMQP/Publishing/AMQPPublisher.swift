import EventThread
public import Logging

/// Publishes on a connection of its own, each message with a confirm.
///
/// It connects by itself and again whenever the connection is lost: what the broker has not confirmed by then is sent anew under the same
/// message id.
public actor AMQPPublisher: MessagePublishing {
    private nonisolated let thread: EventThread
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private let connection: Connection
    private let engine: PublishEngine
    private let resumptions: Resumptions<AMQPError?>
    private var lastID: UInt64 = 0

    /// - Parameter window: how many messages may be sent and not confirmed at a time; more callers wait for their turn.
    public init(configuration: AMQPConfiguration, window: Int = 256, logger: Logger) {
        thread = EventThread(name: "amqp-publish")
        connection = Connection(configuration: configuration, thread: thread, logger: logger)
        resumptions = Resumptions(thread: thread)
        engine = PublishEngine(connection: connection, thread: thread, window: window, logger: logger)
        // Connecting has to begin on the thread; the first publish would begin it as well.
        Task { await start() }
    }

    private func start() {
        connection.start()
    }

    /// Returns when the broker has taken responsibility for the message: in the queues it belongs to, on disk where they are durable.
    ///
    /// While there is no connection, or the broker blocks, it waits until the deadline. A cancelled task's call returns at once.
    /// - Parameters:
    ///   - exchange: "" is the default exchange, whose routing keys are the queues' names.
    /// - Throws: `.unroutable` when no queue takes it, `.nacked` when one refuses it, `.notFound` without such an exchange,
    ///   `.accessRefused`; `.deadlineExceeded`, `.cancelled` (for both it may have arrived); `.notConnected`, `.blocked` (the deadline
    ///   passed and it was not sent); `.closed`, `.overloaded`, `.invalidArgument`.
    public func publish(
        _ message: AMQPMessage, to exchange: String, routingKey: String, deadline: ContinuousClock.Instant
    ) async throws(AMQPError) {
        connection.start()
        lastID += 1
        let id = lastID
        let publish = Publish(id: id, exchange: exchange, routingKey: routingKey, message: message, deadline: deadline)
        let error = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<AMQPError?, Never>) in
                engine.publish(publish) { [resumptions] in resumptions.resume(continuation, returning: $0) }
            }
        } onCancel: {
            // The handler is called on any thread and may not wait.
            Task { await cancel(id) }
        }
        if let error { throw error }
    }

    /// Hands over a whole batch: in the same order as given, with one turn of the thread and without a task for each. Returns when all are
    /// handed over; those that exceed the window are sent as room comes.
    ///
    /// A message that follows a refused one is sent nevertheless: what must not overtake goes into different batches.
    /// - Parameters:
    ///   - deadline: for each of them.
    ///   - settled: called on the publisher's thread, which it must not hold up, with every message's outcome, once, those that come
    ///     together together. The errors are those of `publish(_:to:routingKey:deadline:)` but `.cancelled`.
    public func publish(
        _ batch: [AMQPPublication], deadline: ContinuousClock.Instant, settled: @escaping @Sendable ([AMQPOutcome]) -> Void
    ) async {
        connection.start()
        let settlements = BatchSettlements(settled)
        for (index, publication) in batch.enumerated() {
            lastID += 1
            let publish = Publish(
                id: lastID, exchange: publication.exchange, routingKey: publication.routingKey, message: publication.message,
                deadline: deadline)
            engine.publish(publish) { [thread] error in
                guard settlements.add(AMQPOutcome(index: index, error: error)) else { return }
                thread.afterTurn { settlements.flush() }
            }
        }
    }

    private func cancel(_ id: UInt64) {
        engine.abandon(id, AMQPError(.cancelled, "the task that published was cancelled; the message may have arrived"))
    }

    public var isConnected: Bool { engine.isUp }

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

    /// Ends the connection properly. What is not confirmed fails with `.closed`, as do later calls.
    public func close() async {
        await withCheckedContinuation { continuation in
            // After the outcomes of batches.
            engine.close { [thread] in thread.afterTurn { continuation.resume() } }
        }
    }
}
