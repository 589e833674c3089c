import EventThread
public import Logging

/// Sends requests over the bus and awaits their replies.
///
/// It connects by itself and again whenever a connection is lost, as `AMQPPublisher` and `AMQPConsumer` do.
public actor AMQPRequester: MessageRequesting {
    private nonisolated let thread: EventThread
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private let engine: RequestEngine
    private let resumptions: Resumptions<Result<AMQPMessage, AMQPError>>
    private var lastID: UInt64 = 0

    /// - Parameters:
    ///   - replyQueuePrefix: what the reply queues' names begin with; the broker's permissions may demand it.
    ///   - window: how many requests may be sent and not confirmed by the broker at a time.
    public init(
        configuration: AMQPConfiguration, logger: Logger, replyMode: AMQPReplyMode = .exclusiveQueue,
        replyQueuePrefix: String = "signalbox.reply.", window: Int = 256
    ) {
        thread = EventThread(name: "amqp-request")
        resumptions = Resumptions(thread: thread)
        engine = RequestEngine(
            configuration: configuration, mode: replyMode, replyQueuePrefix: replyQueuePrefix, window: window, thread: thread,
            logger: logger)
        // Connecting has to begin on the thread; the first request would begin it as well.
        Task { await start() }
    }

    private func start() {
        engine.start()
    }

    /// Sets reply-to, a fresh correlation id, and as expiration what is left until the deadline.
    ///
    /// After a lost connection a request that was not confirmed is sent anew under the same message id: the callee may see it twice.
    /// - Parameters:
    ///   - queue: the one that the request will come to. It is sent only while somebody consumes that queue, as of a few milliseconds ago
    ///     (`ConsumerCensus`). Nil: whether or not.
    /// - Returns: the first reply; later ones are dropped.
    /// - Throws: `.unroutable` at once when no queue takes the request, `.noConsumer` at once when nobody consumes it; `.deadlineExceeded`, `.notConnected`, `.blocked` at the deadline;
    ///   otherwise as `AMQPPublisher.publish`.
    public func request(
        _ message: AMQPMessage, exchange: String, routingKey: String, consumedFrom queue: String?, deadline: ContinuousClock.Instant
    ) async throws(AMQPError) -> AMQPMessage {
        engine.start()
        lastID += 1
        let id = lastID
        let request = Publish(id: id, exchange: exchange, routingKey: routingKey, message: message, deadline: deadline)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<AMQPMessage, AMQPError>, Never>) in
                engine.request(request, consumedFrom: queue) { [resumptions] in resumptions.resume(continuation, returning: $0) }
            }
        } onCancel: {
            // The handler is called on any thread and may not wait.
            Task { await cancel(id) }
        }
        return try result.get()
    }

    private func cancel(_ id: UInt64) {
        engine.cancel(id)
    }

    /// Whether a request would be sent now.
    public var isConnected: Bool { engine.isUp }

    /// What waits fails with `.closed`, as do later calls.
    public func close() async {
        await withCheckedContinuation { continuation in
            engine.close { continuation.resume() }
        }
    }
}
