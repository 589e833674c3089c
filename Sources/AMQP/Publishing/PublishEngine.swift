import EventThread
import Logging

/// Publishes on channel after channel of a connection, with confirms. It belongs to the connection's thread.
final class PublishEngine: ConnectionUser, ChannelHandler {
    /// RabbitMQ's default limit (`max_message_size`).
    static let maximumBody = 128 * 1024 * 1024

    let connection: Connection
    private let thread: EventThread
    private let logger: Logger
    /// Sent on each new channel before any publish.
    private let preparation: [ClientMethod]
    private let received: (ServerMethod.Deliver, AMQPMessage) -> Void

    private var ledger: PublishLedger
    private var completions: [UInt64: (AMQPError?) -> Void] = [:]
    private let deadlines: DeadlineTimer
    private var isClosed = false
    /// Of the message ids that are given here. Random bits for each would be a call of the kernel for each.
    private let identifierPrefix = Identifier.random() + "-"

    private var link: Link?
    private var channel: UInt16?
    /// The channel is in confirm mode: publishes may be sent.
    private var isReady = false
    private var isFlowStopped = false
    private var backoff = Backoff()
    /// Called with each new link, and with nil when it is lost.
    var linkChanged: (Link?) -> Void = { _ in }

    /// - Parameter received: takes what is delivered on the publishing channel (direct reply-to).
    init(
        connection: Connection, thread: EventThread, window: Int, logger: Logger, preparation: [ClientMethod] = [],
        received: @escaping (ServerMethod.Deliver, AMQPMessage) -> Void = { _, _ in }
    ) {
        self.connection = connection
        self.thread = thread
        self.logger = logger
        self.preparation = preparation
        self.received = received
        ledger = PublishLedger(limits: .init(window: max(1, window)))
        deadlines = DeadlineTimer(thread: thread)
        connection.user = self
        deadlines.onExpiry { [weak self] in self?.expire() }
    }

    /// Whether a publish would be sent now.
    var isUp: Bool { isReady && connection.isOpen }

    /// - Parameter completion: called once: with nil when the broker has confirmed, otherwise with what went wrong.
    func publish(_ publish: Publish, completion: @escaping (AMQPError?) -> Void) {
        do throws(AMQPError) {
            guard !isClosed else { throw Connection.closed }
            guard publish.deadline > .now else {
                throw AMQPError(.deadlineExceeded, "the deadline had passed before the message was published")
            }
            guard publish.message.body.count <= Self.maximumBody else {
                throw AMQPError(
                    .invalidArgument, "a message of \(publish.message.body.count) bytes is too large; RabbitMQ takes \(Self.maximumBody)")
            }
            var publish = publish
            if publish.message.properties.messageID == nil { publish.message.properties.messageID = "\(identifierPrefix)\(publish.id)" }
            try ledger.add(publish)
        } catch {
            return completion(error)
        }
        completions[publish.id] = completion
        deadlines.include(publish.deadline)
        send()
    }

    /// Nobody waits for it any more; it is not sent (again). A no-op when it is settled.
    /// - Parameter error: for the completion.
    func abandon(_ id: UInt64, _ error: AMQPError?) {
        ledger.abandon(id)
        completions.removeValue(forKey: id)?(error)
    }

    /// What waits or is not confirmed fails with `.closed`.
    func close(_ completion: @escaping () -> Void) {
        isClosed = true
        lose()
        settle(ledger.close(Connection.closed))
        connection.close(completion)
    }

    private func send() {
        guard let link, let channel, isReady, link.isOpen, !isFlowStopped, !connection.isBlocked else { return }
        while link.hasRoom, var publish = ledger.next() {
            do throws(AMQPError) {
                if publish.expiresAtDeadline {
                    publish.message.properties.expiration = max(.zero, ContinuousClock.now.duration(to: publish.deadline))
                }
                try link.publish(publish.message, exchange: publish.exchange, routingKey: publish.routingKey, channel: channel)
                ledger.sent(publish.id)
            } catch {
                settle([ledger.refused(publish.id, error)])
            }
        }
    }

    private func settle(_ settlements: [PublishLedger.Settlement]) {
        for settlement in settlements { completions.removeValue(forKey: settlement.id)?(settlement.error) }
    }

    private func expire() -> ContinuousClock.Instant? {
        settle(ledger.expire(at: .now, obstacle: isUp && !connection.isBlocked ? nil : connection.obstacle))
        send()
        return ledger.earliestDeadline
    }

    // MARK: - The channel

    private func openChannel() {
        guard let link, channel == nil, !isClosed else { return }
        do throws(AMQPError) {
            channel = try link.openChannel(self)
            guard let channel else { throw AMQPError(.overloaded, "the broker allows no channel") }
            try link.send(.confirmSelect, channel: channel)
            for method in preparation { try link.send(method, channel: channel) }
        } catch {
            logger.error("no channel to publish on", metadata: ["reason": "\(error)"])
        }
    }

    private func lose() {
        link = nil
        channel = nil
        isReady = false
        isFlowStopped = false
        linkChanged(nil)
    }

    func connectionOpened(_ link: Link) {
        self.link = link
        linkChanged(link)
        openChannel()
    }

    func connectionLost(_ error: AMQPError) {
        lose()
        // A broker that ends the whole connection for what it received may do so again.
        settle(ledger.lostChannel(error, isCausedByPublish: error.code == .protocolViolation))
    }

    func connectionMayPublish() {
        send()
    }

    func received(_ event: ChannelEvent) {
        switch event {
        case .replied(let method):
            // The last of what every new channel is sent.
            if method.reply == (preparation.last?.expectedReply ?? .confirmSelectOk) { isReady = true }
        case .acknowledged(let sequence, let isMultiple):
            backoff.reset()
            settle(ledger.acknowledged(sequence, isMultiple: isMultiple))
        case .negativelyAcknowledged(let sequence, let isMultiple): settle(ledger.negativelyAcknowledged(sequence, isMultiple: isMultiple))
        case .returned(let returned, let message): ledger.returned(returned, messageID: message.properties.messageID)
        case .delivered(let deliver, let message): received(deliver, message)
        case .flowChanged(let isActive): isFlowStopped = !isActive
        case .consumerCancelled: break
        case .closed(let error): channelClosed(error)
        }
        send()
    }

    private func channelClosed(_ error: AMQPError) {
        channel = nil
        isReady = false
        isFlowStopped = false
        logger.warning("the broker closed the publishing channel", metadata: ["reason": "\(error)"])
        settle(ledger.lostChannel(error, exchange: error.exchangeNamed, isCausedByPublish: true))
        thread.schedule(after: backoff.next(random: .random(in: 0..<1))) { [weak self] in self?.openChannel() }
    }
}

extension AMQPError {
    /// As in "NOT_FOUND - no exchange 'shop.events' in vhost 'shop'" and "ACCESS_REFUSED - access to exchange 'shop.events' in vhost …".
    var exchangeNamed: String? {
        let mark = "exchange '"
        guard let start = message.ranges(of: mark).first?.upperBound, let end = message[start...].ranges(of: "' in vhost").first?.lowerBound
        else {
            return nil
        }
        return String(message[start..<end])
    }
}
