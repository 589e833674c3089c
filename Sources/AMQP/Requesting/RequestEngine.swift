import EventThread
import Logging

/// Requests under way and where their replies come in. It belongs to one thread, as do its connections.
final class RequestEngine {
    /// Requests that wait for anything at a time.
    static let maximumPending = 16 * 1024
    static let directReplyTo = "amq.rabbitmq.reply-to"

    private enum Stage {
        /// The reply queue is not there yet.
        case held
        /// Handed to the publisher, which looks after the deadline.
        case publishing
        /// Confirmed.
        case awaitingReply
    }

    private struct Pending {
        var request: Publish
        var stage = Stage.held
        /// A reply queue for this request alone.
        var subscription: Subscription?
        let completion: (Result<AMQPMessage, AMQPError>) -> Void
    }

    private let mode: AMQPReplyMode
    private let replyQueuePrefix: String
    private let thread: EventThread
    private let publishing: PublishEngine
    /// Nil where replies come by the publishing channel.
    private let consuming: SubscriptionSet?
    private var shared: Subscription?

    private var pending: [UInt64: Pending] = [:]
    private var identifiers: [String: UInt64] = [:]
    private let correlationPrefix = Identifier.random()
    private let deadlines: DeadlineTimer
    private var isClosed = false

    init(
        configuration: AMQPConfiguration, mode: AMQPReplyMode, replyQueuePrefix: String, window: Int, thread: EventThread, logger: Logger
    ) {
        self.mode = mode
        self.replyQueuePrefix = replyQueuePrefix
        self.thread = thread
        deadlines = DeadlineTimer(thread: thread)
        let connection = Connection(configuration: configuration, thread: thread, logger: logger)
        let relay = Relay()
        if mode == .directReplyTo {
            consuming = nil
            // RabbitMQ wants requests published on the very channel that consumes the replies.
            publishing = PublishEngine(
                connection: connection, thread: thread, window: window, logger: logger,
                preparation: [.consume(queue: Self.directReplyTo, tag: "signalbox-replies", isWithoutAck: true)],
                received: { _, message in relay.engine?.received(message) })
        } else {
            publishing = PublishEngine(connection: connection, thread: thread, window: window, logger: logger)
            var replies = configuration
            replies.connectionName += " (replies)"
            consuming = SubscriptionSet(
                connection: Connection(configuration: replies, thread: thread, logger: logger), thread: thread, logger: logger)
        }
        relay.engine = self
        deadlines.onExpiry { [weak self] in self?.expire() }
    }

    /// Lets the publisher, which is made first, call back.
    private final class Relay {
        weak var engine: RequestEngine?
    }

    func start() {
        publishing.connection.start()
        consuming?.connection.start()
        guard mode == .exclusiveQueue, shared == nil, !isClosed else { return }
        shared = try? subscribe(queue: replyQueuePrefix + Identifier.random()) { engine in
            for id in engine.pending.keys.sorted() { engine.publish(id) }
        }
    }

    /// Whether a request would be sent now.
    var isUp: Bool {
        switch mode {
        case .exclusiveQueue: publishing.isUp && shared?.isActive == true
        case .temporaryQueue: publishing.isUp && consuming?.connection.isOpen == true
        case .directReplyTo: publishing.isUp
        }
    }

    // MARK: - Requests

    /// - Parameter completion: called once.
    func request(_ request: Publish, completion: @escaping (Result<AMQPMessage, AMQPError>) -> Void) {
        guard !isClosed else { return completion(.failure(Connection.closed)) }
        guard pending.count < Self.maximumPending else {
            return completion(.failure(AMQPError(.overloaded, "\(Self.maximumPending) requests are under way already; try later")))
        }
        var request = request
        let correlationID = "\(correlationPrefix)-\(request.id)"
        request.message.properties.correlationID = correlationID
        request.expiresAtDeadline = true
        identifiers[correlationID] = request.id
        pending[request.id] = Pending(request: request, completion: completion)
        deadlines.include(request.deadline)
        prepareReplyQueue(for: request.id)
    }

    /// Nobody waits for it any more.
    func cancel(_ id: UInt64) {
        finish(id, .failure(AMQPError(.cancelled, "the task that made the request was cancelled; the request may have arrived")))
    }

    private func prepareReplyQueue(for id: UInt64) {
        switch mode {
        case .directReplyTo: publish(id, replyTo: Self.directReplyTo)
        case .exclusiveQueue: publish(id)
        case .temporaryQueue:
            do throws(AMQPError) {
                pending[id]?.subscription = try subscribe(queue: replyQueuePrefix + Identifier.random()) { $0.publish(id) }
            } catch {
                finish(id, .failure(error))
            }
        }
    }

    /// - Parameter becameActive: called each time the broker delivers from it.
    private func subscribe(queue: String, becameActive: @escaping (RequestEngine) -> Void) throws(AMQPError) -> Subscription? {
        let plan = Subscription.Plan(queue: queue, prefetch: 1, isWithoutAck: true, isDeclared: true)
        return try consuming?.subscribe(plan) { subscription, _ in
            subscription.delivered = { [weak self] _, message, _ in self?.received(message) }
            subscription.becameActive = { [weak self] in
                if let self { becameActive(self) }
            }
        }.subscription
    }

    /// Waits where the reply queue is not there: the callee could not answer.
    private func publish(_ id: UInt64) {
        guard let subscription = pending[id]?.subscription ?? shared, subscription.isActive else { return }
        publish(id, replyTo: subscription.plan.queue)
    }

    private func publish(_ id: UInt64, replyTo: String) {
        guard let entry = pending[id], entry.stage == .held else { return }
        pending[id]?.stage = .publishing
        var request = entry.request
        request.message.properties.replyTo = replyTo
        // The publisher keeps what may have to be sent anew.
        pending[id]?.request.message.body = []
        publishing.publish(request) { [weak self] error in
            guard let self else { return }
            if let error { return finish(id, .failure(error)) }
            guard pending[id] != nil else { return }
            pending[id]?.stage = .awaitingReply
            // The publisher does not look after the deadline any more.
            deadlines.include(request.deadline)
        }
    }

    /// Late replies and second ones find nobody.
    private func received(_ reply: AMQPMessage) {
        guard let correlationID = reply.properties.correlationID, let id = identifiers[correlationID] else { return }
        finish(id, .success(reply))
    }

    private func finish(_ id: UInt64, _ result: Result<AMQPMessage, AMQPError>) {
        guard let entry = pending.removeValue(forKey: id) else { return }
        if let correlationID = entry.request.message.properties.correlationID { identifiers[correlationID] = nil }
        entry.subscription?.drop()
        if entry.stage == .publishing { publishing.abandon(id, nil) }
        entry.completion(result)
    }

    private func expire() -> ContinuousClock.Instant? {
        let now = ContinuousClock.now
        for (id, entry) in pending where entry.request.deadline <= now {
            switch entry.stage {
            case .publishing: continue
            case .awaitingReply:
                let target = entry.request.routingKey
                finish(id, .failure(AMQPError(.deadlineExceeded, "no reply to the request to \"\(target)\" came in time")))
            case .held:
                let reason = consuming?.connection.isOpen == true ? nil : consuming?.connection.obstacle
                finish(
                    id, .failure(reason ?? AMQPError(.notConnected, "the request was not sent in time: its reply queue could not be made")))
            }
        }
        return pending.values.lazy.filter { $0.stage != .publishing || $0.request.deadline > now }.map(\.request.deadline).min()
    }

    // MARK: - End

    func close(_ completion: @escaping () -> Void) {
        isClosed = true
        for id in pending.keys.sorted() { finish(id, .failure(Connection.closed)) }
        guard let consuming else { return publishing.close(completion) }
        publishing.close { consuming.close(completion) }
    }
}
