import EventThread
import Logging

/// The subscriptions of one connection, and calls that need a channel for a moment. It belongs to the connection's thread.
final class SubscriptionSet: ConnectionUser {
    /// Each takes a channel.
    static let maximum = 2000

    let connection: Connection
    private let thread: EventThread
    private let logger: Logger
    private var subscriptions: [UInt64: Subscription] = [:]
    private var calls: [UInt64: ChannelCall] = [:]
    private var lastID: UInt64 = 0
    private var link: Link?
    private(set) var isClosed = false
    /// Called with each new link, and with nil when it is lost.
    var linkChanged: (Link?) -> Void = { _ in }

    init(connection: Connection, thread: EventThread, logger: Logger) {
        self.connection = connection
        self.thread = thread
        self.logger = logger
        connection.user = self
    }

    var isConsuming: Bool { subscriptions.values.allSatisfy { $0.isActive || $0.isEnding } }

    /// - Parameter configure: sets the subscription's call-backs.
    /// - Throws: `.closed`, `.overloaded`, `.invalidArgument`.
    func subscribe(
        _ plan: Subscription.Plan, _ configure: (Subscription, _ id: UInt64) -> Void
    ) throws(AMQPError) -> (subscription: Subscription, id: UInt64) {
        guard !isClosed else { throw Connection.closed }
        guard subscriptions.count < Self.maximum else {
            throw AMQPError(.overloaded, "\(Self.maximum) queues are consumed on this connection already")
        }
        guard (1...65535).contains(plan.prefetch) else {
            throw AMQPError(.invalidArgument, "the prefetch of queue \"\(plan.queue)\" is \(plan.prefetch); it must be 1 to 65535")
        }
        guard (1...255).contains(plan.queue.utf8.count) else {
            throw AMQPError(.invalidArgument, "a queue's name has 1 to 255 bytes; this one has \(plan.queue.utf8.count)")
        }
        lastID += 1
        let id = lastID
        let subscription = Subscription(plan: plan, thread: thread, logger: logger)
        subscriptions[id] = subscription
        subscription.ended = { [weak self] in self?.subscriptions[id] = nil }
        configure(subscription, id)
        connection.start()
        if let link { subscription.connectionOpened(link) }
        return (subscription, id)
    }

    subscript(id: UInt64) -> Subscription? { subscriptions[id] }

    /// - Parameter completion: called when the broker delivers nothing any more.
    func cancelAll(_ completion: @escaping () -> Void) {
        var left = subscriptions.count
        guard left > 0 else { return completion() }
        for subscription in subscriptions.values {
            subscription.cancel {
                left -= 1
                if left == 0 { completion() }
            }
        }
    }

    /// Sends methods on a channel of their own.
    /// - Parameter completion: the answer to the last of them.
    func call(_ methods: [ClientMethod], completion: @escaping (Result<ServerMethod, AMQPError>) -> Void) {
        guard let link, !isClosed else { return completion(.failure(isClosed ? Connection.closed : connection.obstacle)) }
        lastID += 1
        let id = lastID
        let call = ChannelCall(methods) { [weak self] result in
            self?.calls[id] = nil
            completion(result)
        }
        calls[id] = call
        call.start(on: link)
    }

    func close(_ completion: @escaping () -> Void) {
        isClosed = true
        link = nil
        linkChanged(nil)
        for call in calls.values { call.fail(Connection.closed) }
        let linger = subscriptions.values.map(\.linger).max() ?? .zero
        for subscription in subscriptions.values {
            subscription.connectionLost()
            subscription.drop()
        }
        guard linger > .zero else { return connection.close(completion) }
        thread.schedule(after: linger) { [connection] in connection.close(completion) }
    }

    func connectionOpened(_ link: Link) {
        self.link = link
        linkChanged(link)
        for (_, subscription) in subscriptions.sorted(by: { $0.key < $1.key }) { subscription.connectionOpened(link) }
    }

    func connectionLost(_ error: AMQPError) {
        link = nil
        linkChanged(nil)
        for call in calls.values { call.fail(error) }
        for subscription in subscriptions.values { subscription.connectionLost() }
    }

    func connectionMayPublish() {}
}
