import EventThread
import Logging

/// To whom the events of a connection go, on its thread.
protocol ConnectionUser: AnyObject {
    /// There is a link, and nothing on it: channels have to be opened anew.
    func connectionOpened(_ link: Link)
    /// The link and everything on it is gone; another will come.
    func connectionLost(_ error: AMQPError)
    /// The broker takes messages again, or there is room for output again.
    func connectionMayPublish()
}

/// A link to the broker, and another one whenever it is lost. It belongs to one `EventThread`; every call is made there.
final class Connection: LinkOwner {
    private let configuration: AMQPConfiguration
    private let thread: EventThread
    private let logger: Logger
    weak var user: (any ConnectionUser)?

    private var recovery = Recovery()
    /// Being made, or open.
    private var current: Link?
    private var blockedBecause: String?
    private var lastError: AMQPError?
    private var waiters: [UInt64: CheckedContinuation<Result<Void, AMQPError>, Never>] = [:]

    init(configuration: AMQPConfiguration, thread: EventThread, logger: Logger) {
        self.configuration = configuration
        self.thread = thread
        var logger = logger
        logger[metadataKey: "connection"] = "\(configuration.connectionName)"
        logger[metadataKey: "broker"] =
            "\(configuration.host):\(configuration.port)\(configuration.virtualHost == "/" ? "" : "/" + configuration.virtualHost)"
        self.logger = logger
    }

    /// Nil while there is none.
    var link: Link? {
        if let current, current.isOpen { current } else { nil }
    }

    var isOpen: Bool { link != nil }
    var isBlocked: Bool { blockedBecause != nil }

    /// Why nothing can be sent at present.
    var obstacle: AMQPError {
        if let blockedBecause, isOpen {
            return AMQPError(.blocked, "the broker takes no messages at present: \(blockedBecause)")
        }
        let why = lastError.map { ": \($0.message)" } ?? ""
        return AMQPError(
            .notConnected, "there is no connection to the broker at \(configuration.host):\(configuration.port)\(why)",
            underlying: lastError)
    }

    func start() {
        carryOut(recovery.started())
    }

    /// - Parameter completion: called when the broker has been told, or could not be in time.
    func close(_ completion: @escaping () -> Void) {
        recovery.closed()
        for waiter in waiters.values { waiter.resume(returning: .failure(Self.closed)) }
        waiters = [:]
        guard let link = current else { return completion() }
        current = nil
        // The link lives until the broker has answered.
        link.close {
            completion(); _ = link
        }
    }

    static var closed: AMQPError { AMQPError(.closed, "this client of the broker was closed") }

    // MARK: - Waiting for a connection

    func waitUntilOpen(
        id: UInt64, deadline: ContinuousClock.Instant, continuation: CheckedContinuation<Result<Void, AMQPError>, Never>
    ) {
        if isOpen { return continuation.resume(returning: .success(())) }
        if recovery.state == .closed { return continuation.resume(returning: .failure(Self.closed)) }
        waiters[id] = continuation
        thread.schedule(after: max(.zero, ContinuousClock.now.duration(to: deadline))) { [weak self] in
            guard let self else { return }
            stopWaiting(id, obstacle)
        }
    }

    func stopWaiting(_ id: UInt64, _ error: AMQPError) {
        waiters.removeValue(forKey: id)?.resume(returning: .failure(error))
    }

    // MARK: - The link's life

    private func carryOut(_ action: Recovery.Action) {
        switch action {
        case .none: break
        case .connect: connect()
        case .wait(let delay):
            thread.schedule(after: delay) { [weak self] in
                guard let self else { return }
                carryOut(recovery.waited())
            }
        }
    }

    private func connect() {
        do throws(AMQPError) {
            let link = try Link(configuration: configuration, thread: thread, owner: self)
            current = link
            try link.start()
        } catch {
            let link = current
            link?.end()
            failed(error)
        }
    }

    private func failed(_ error: AMQPError) {
        let wasOpen = if case .up = recovery.state { true } else { false }
        // The same failure at each attempt is said once.
        if wasOpen || lastError != error {
            logger.warning("connection to the broker \(wasOpen ? "lost" : "failed")", metadata: ["reason": "\(error)"])
        }
        current = nil
        blockedBecause = nil
        lastError = error
        let action = recovery.failed(at: .now, random: .random(in: 0..<1))
        if wasOpen { user?.connectionLost(error) }
        carryOut(action)
    }

    func linkOpened(_ link: Link) {
        recovery.opened(at: .now)
        lastError = nil
        logger.info("connected to the broker")
        let waiting = waiters
        waiters = [:]
        for waiter in waiting.values { waiter.resume(returning: .success(())) }
        user?.connectionOpened(link)
    }

    func linkFailed(_ link: Link, _ error: AMQPError) {
        guard link === current else { return }
        failed(error)
    }

    func linkBlocked(_ link: Link, reason: String) {
        logger.warning("the broker takes no messages for now", metadata: ["reason": "\(reason)"])
        blockedBecause = reason
    }

    func linkUnblocked(_ link: Link) {
        logger.info("the broker takes messages again")
        blockedBecause = nil
        user?.connectionMayPublish()
    }

    func linkHasRoom(_ link: Link) {
        user?.connectionMayPublish()
    }
}
