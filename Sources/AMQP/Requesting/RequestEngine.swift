import EventThread
import Logging

/// Requests under way and where their replies come in. It belongs to one thread, as do its connections.
final class RequestEngine {
    /// Requests that wait for anything at a time.
    static let maximumPending = 16 * 1024
    static let directReplyTo = "amq.rabbitmq.reply-to"

    private enum Stage {
        /// The reply queue is not there yet, or it is not known yet whether anybody consumes the request's queue.
        case held
        /// Handed to the publisher, which looks after the deadline.
        case publishing
        /// Confirmed.
        case awaitingReply
    }

    private final class Pending {
        var request: Publish
        /// The queue that has to be consumed; nil where that does not matter.
        let queue: String?
        var stage = Stage.held
        /// A reply queue for this request alone.
        var subscription: Subscription?
        let completion: (Result<AMQPMessage, AMQPError>) -> Void

        init(_ request: Publish, queue: String?, completion: @escaping (Result<AMQPMessage, AMQPError>) -> Void) {
            self.request = request
            self.queue = queue
            self.completion = completion
        }
    }

    private let mode: AMQPReplyMode
    private let replyQueuePrefix: String
    private let thread: EventThread
    private let publishing: PublishEngine
    /// Nil where replies come by the publishing channel.
    private let consuming: SubscriptionSet?
    private var shared: Subscription?

    private var pending: [UInt64: Pending] = [:]
    private var census = ConsumerCensus()
    private let inquiry = ConsumerInquiry()
    /// Requests that wait to hear whether their queue is consumed, by queue.
    private var inquiring: [String: Set<UInt64>] = [:]
    private let correlationPrefix = Identifier.random() + "-"
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
        inquiry.answered = { [weak self] queue, answer in self?.answered(queue, answer) }
        // A connection that publishes is not read from during an alarm; the other one is.
        let linkChanged: (Link?) -> Void = { [weak self] link in self?.linkChanged(link) }
        if let consuming { consuming.linkChanged = linkChanged } else { publishing.linkChanged = linkChanged }
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
            for id in engine.pending.keys.sorted() { engine.clear(id) }
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

    /// - Parameters:
    ///   - queue: the one that has to be consumed.
    ///   - completion: called once.
    func request(_ request: Publish, consumedFrom queue: String?, completion: @escaping (Result<AMQPMessage, AMQPError>) -> Void) {
        guard !isClosed else { return completion(.failure(Connection.closed)) }
        guard pending.count < Self.maximumPending else {
            return completion(.failure(AMQPError(.overloaded, "\(Self.maximumPending) requests are under way already; try later")))
        }
        var request = request
        let correlationID = "\(correlationPrefix)\(request.id)"
        request.message.properties.correlationID = correlationID
        if request.message.properties.messageID == nil { request.message.properties.messageID = correlationID }
        request.expiresAtDeadline = true
        pending[request.id] = Pending(request, queue: queue, completion: completion)
        deadlines.include(request.deadline)
        clear(request.id)
    }

    /// Nobody waits for it any more.
    func cancel(_ id: UInt64) {
        finish(id, .failure(AMQPError(.cancelled, "the task that made the request was cancelled; the request may have arrived")))
    }

    // MARK: - Consumers of the requests' queues

    /// Goes on with a request whose queue is consumed; asks where that is not known.
    private func clear(_ id: UInt64) {
        guard let entry = pending[id], entry.stage == .held else { return }
        // Where the broker reads nothing it answers nothing, and the request cannot be sent either.
        guard let queue = entry.queue, !(consuming == nil && publishing.connection.isBlocked) else { return prepareReplyQueue(for: id) }
        let decision = census.decide(queue, at: .now)
        if decision.isQuestionDue, !inquiry.ask(queue) { census.answered(queue, isConsumed: false) }
        switch decision.standing {
        case .consumed: prepareReplyQueue(for: id)
        case .unknown: inquiring[queue, default: []].insert(id)
        }
    }

    private func answered(_ queue: String, _ answer: ConsumerInquiry.Answer) {
        census.answered(queue, isConsumed: answer == .consumed)
        for id in inquiring.removeValue(forKey: queue)?.sorted() ?? [] {
            switch answer {
            // Of an unknown one the publish itself will tell.
            case .consumed, .unknown: prepareReplyQueue(for: id)
            case .notConsumed:
                finish(id, .failure(AMQPError(.noConsumer, "nobody consumes queue \"\(queue)\": the request was not sent")))
            }
        }
    }

    private func linkChanged(_ link: Link?) {
        inquiry.linkChanged(link)
        census.lostQuestions()
        guard link != nil else { return }
        let waiting = inquiring.values.flatMap(\.self).sorted()
        inquiring = [:]
        for id in waiting { clear(id) }
    }

    // MARK: - Reply queues

    private func prepareReplyQueue(for id: UInt64) {
        switch mode {
        case .directReplyTo: publish(id, replyTo: Self.directReplyTo)
        case .exclusiveQueue: publish(id)
        case .temporaryQueue:
            guard pending[id]?.subscription == nil else { return }
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
        guard let correlationID = reply.properties.correlationID, correlationID.hasPrefix(correlationPrefix),
            let id = UInt64(correlationID.dropFirst(correlationPrefix.count))
        else { return }
        finish(id, .success(reply))
    }

    private func finish(_ id: UInt64, _ result: Result<AMQPMessage, AMQPError>) {
        guard let entry = pending.removeValue(forKey: id) else { return }
        if let queue = entry.queue, inquiring[queue]?.remove(id) != nil, inquiring[queue]?.isEmpty == true { inquiring[queue] = nil }
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
                let connection = consuming?.connection ?? publishing.connection
                let silence = AMQPError(.notConnected, "the request was not sent in time: the broker made no reply queue or was silent")
                finish(id, .failure(connection.isOpen ? silence : connection.obstacle))
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
