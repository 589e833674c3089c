import EventThread
import Logging

/// Consumes one queue on channel after channel. It belongs to the connection's thread.
final class Subscription: ChannelHandler {
    struct Plan {
        var queue: String
        var prefetch: Int
        /// Deliveries count as acknowledged when they are sent; the prefetch has no effect then.
        var isWithoutAck = false
        /// Declared on each new channel before it is consumed: an exclusive queue that the broker deletes with its consumer.
        var isDeclared = false
        var bindings: [AMQPBinding] = []
    }

    /// Which delivery, on which of the channels this subscription has had.
    struct Tag: Sendable, Equatable {
        var epoch: Int
        var tag: UInt64
    }

    /// Beyond that the order of the tags is not the one in which the broker goes through them.
    static let mostExtensions = 24

    let plan: Plan
    private let thread: EventThread
    private let logger: Logger
    private var consumerTag: String
    /// Consumers that followed the first one on the same channel.
    private var extensions = 0
    /// Of the one that is to follow when the one before it is cancelled.
    private var nextPrefetch: Int?

    /// Takes each delivery.
    var delivered: (ServerMethod.Deliver, AMQPMessage, Tag) -> Void = { _, _, _ in }
    var becameActive: () -> Void = {}
    /// What was delivered and not settled will be delivered again.
    var lost: () -> Void = {}
    /// Nothing will be delivered any more.
    var finished: () -> Void = {}
    var ended: () -> Void = {}

    private var machine = SubscriptionMachine()
    private var link: Link?
    private var channel: UInt16?
    private var epoch = 0
    private var unsettled = UnsettledTags()
    private var tail = SettlementTail()
    private var backoff = Backoff()
    private var retryTimer: EventThread.TimerID?
    private var lastError: AMQPError?
    private var whenFinished: [() -> Void] = []

    init(plan: Plan, thread: EventThread, logger: Logger) {
        self.plan = plan
        self.thread = thread
        var logger = logger
        logger[metadataKey: "queue"] = "\(plan.queue)"
        self.logger = logger
        consumerTag = "signalbox-\(Identifier.random())"
    }

    var isActive: Bool { machine.state == .active }
    /// It was cancelled.
    var isEnding: Bool { [.cancelling, .draining, .ended].contains(machine.state) }

    /// How long its channel has to stay open for the broker to take in what was settled.
    var linger: Duration { channel == nil ? .zero : tail.linger(at: .now) }

    /// A second settlement, and one for a channel that is gone, is a no-op.
    func settle(_ tag: Tag, _ settlement: AMQPDelivery.Settlement) {
        guard tag.epoch == epoch, let link, let channel else { return }
        switch settlement {
        case .acknowledged: unsettled.acknowledge(tag.tag)
        case .rejected(let requeue):
            guard unsettled.reject(tag.tag) else { return }
            perform { () throws(AMQPError) in try link.send(.reject(tag: tag.tag, requeue: requeue), channel: channel) }
            if unsettled.isEmpty { carryOut(machine.allSettled()) }
        }
    }

    /// Tells the broker what was acknowledged: to be called after any number of settlements.
    func tellAcknowledgements() {
        guard let link, let channel else { return }
        let acknowledgements = unsettled.takeAcknowledgements()
        guard !acknowledgements.isEmpty else { return }
        tail.sent(acknowledgements.count, at: .now)
        perform { () throws(AMQPError) in
            for acknowledgement in acknowledgements {
                try link.send(.ack(tag: acknowledgement.tag, isMultiple: acknowledgement.isMultiple), channel: channel)
            }
        }
        if unsettled.isEmpty { carryOut(machine.allSettled()) }
    }

    /// - Parameter completion: called when the broker delivers nothing any more; what was delivered can still be settled.
    func cancel(_ completion: @escaping () -> Void) {
        if case .ended = machine.state { return completion() }
        if case .draining = machine.state { return completion() }
        whenFinished.append(completion)
        carryOut(machine.cancelRequested(hasUnsettled: !unsettled.isEmpty))
    }

    /// RabbitMQ gives back what a channel's consumers held in the order of their tags.
    func extend(prefetch: Int) {
        guard machine.state == .active, nextPrefetch == nil, extensions < Self.mostExtensions, let link, let channel else { return }
        nextPrefetch = prefetch
        perform { () throws(AMQPError) in try link.send(.cancel(tag: consumerTag), channel: channel) }
    }

    /// Only now: RabbitMQ answers a cancel later than what is sent right after it.
    private func extend() {
        guard let prefetch = nextPrefetch, machine.state == .active, let link, let channel else { return }
        nextPrefetch = nil
        extensions += 1
        consumerTag = "\(consumerTag.prefix { $0 != "+" })+\(extensions + Self.mostExtensions)"
        perform { () throws(AMQPError) in
            try link.send(.qos(prefetch: prefetch), channel: channel)
            try link.send(.consume(queue: plan.queue, tag: consumerTag, isWithoutAck: plan.isWithoutAck), channel: channel)
        }
    }

    func drop() {
        carryOut(machine.dropped())
    }

    /// Ends it by closing the channel.
    /// - Parameter completion: called when the broker has taken back what was not settled.
    func release(_ completion: @escaping () -> Void) {
        guard let link, let channel else {
            drop()
            return completion()
        }
        link.whenClosed(channel, completion)
        drop()
    }

    func connectionOpened(_ link: Link) {
        self.link = link
        carryOut(machine.connectionOpened())
    }

    func connectionLost() {
        link = nil
        forgetChannel()
        carryOut(machine.connectionLost())
    }

    func received(_ event: ChannelEvent) {
        switch event {
        case .delivered(let deliver, let message): received(deliver, message)
        case .replied(.consumeOk):
            carryOut(machine.consumeConfirmed())
            backoff.reset()
            if let lastError { logger.info("the queue is consumed again", metadata: ["after": "\(lastError)"]) }
            lastError = nil
            becameActive()
        case .replied(.cancelOk):
            extend()
            carryOut(machine.cancelConfirmed(hasUnsettled: !unsettled.isEmpty))
        case .consumerCancelled:
            report(AMQPError(.notFound, "the broker ended the consumer of queue \"\(plan.queue)\": was the queue deleted?"))
            carryOut(machine.consumerCancelled())
        case .closed(let error): channelClosed(error)
        case .replied, .returned, .acknowledged, .negativelyAcknowledged, .flowChanged: break
        }
    }

    private func received(_ deliver: ServerMethod.Deliver, _ message: AMQPMessage) {
        if !plan.isWithoutAck { unsettled.delivered(deliver.deliveryTag) }
        let tag = Tag(epoch: epoch, tag: deliver.deliveryTag)
        if machine.state == .cancelling {
            // Sent before the broker knew.
            settle(tag, .rejected(requeue: true))
        } else {
            delivered(deliver, message, tag)
        }
    }

    private func channelClosed(_ error: AMQPError) {
        report(error)
        forgetChannel()
        carryOut(machine.channelClosed())
    }

    /// The same trouble at each attempt is said once.
    private func report(_ error: AMQPError) {
        guard lastError != error else { return }
        lastError = error
        logger.warning("the queue cannot be consumed; it is tried again", metadata: ["reason": "\(error)"])
    }

    private func forgetChannel() {
        channel = nil
        epoch += 1
        extensions = 0
        nextPrefetch = nil
        unsettled = UnsettledTags()
        lost()
    }

    private func carryOut(_ actions: [SubscriptionMachine.Action]) {
        for action in actions { carryOut(action) }
    }

    private func carryOut(_ action: SubscriptionMachine.Action) {
        switch action {
        case .openChannel: perform(openChannel)
        case .consumeAgain: perform(consume)
        case .retryLater:
            if let retryTimer { thread.cancel(retryTimer) }
            retryTimer = thread.schedule(after: backoff.next(random: .random(in: 0..<1))) { [weak self] in
                guard let self else { return }
                carryOut(machine.retryDue())
            }
        case .sendCancel:
            perform { () throws(AMQPError) in
                if let link, let channel { try link.send(.cancel(tag: consumerTag), channel: channel) }
            }
        case .closeChannel:
            if let channel { link?.closeChannel(channel, after: linger) }
            forgetChannel()
        case .finish:
            finished()
            let completions = whenFinished
            whenFinished = []
            for completion in completions { completion() }
        case .end:
            if let retryTimer { thread.cancel(retryTimer) }
            ended()
        }
    }

    private func openChannel() throws(AMQPError) {
        guard let link else { return }
        channel = try link.openChannel(self)
        guard let channel else {
            throw AMQPError(.overloaded, "every channel of the connection is in use")
        }
        if !plan.isWithoutAck { try link.send(.qos(prefetch: plan.prefetch), channel: channel) }
        if plan.isDeclared {
            try link.send(.queueDeclare(QueueDeclaration(queue: plan.queue, isExclusive: true, isAutoDelete: true)), channel: channel)
            for binding in plan.bindings { try link.send(.queueBind(queue: plan.queue, binding), channel: channel) }
        }
        try consume()
    }

    private func consume() throws(AMQPError) {
        guard let link, let channel else { return }
        try link.send(.consume(queue: plan.queue, tag: consumerTag, isWithoutAck: plan.isWithoutAck), channel: channel)
    }

    private func perform(_ body: () throws(AMQPError) -> Void) {
        do {
            try body()
        } catch {
            if let channel { link?.closeChannel(channel) }
            channelClosed(error)
        }
    }
}
