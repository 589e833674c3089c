import EventThread
import Logging

/// The thread of a pool: its sessions, who has them, and who waits for one.
actor PostgresReactor {
    /// How long one attempt to connect may take.
    static let connectLimit: Duration = .seconds(5)

    private nonisolated let thread: EventThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private let url: PostgresURL
    private let keywords: [(String, String)]
    private let logger: Logger
    private let canceller = PostgresCanceller()
    private var pool: PoolState
    private var sessions: [UInt64: PostgresSession] = [:]
    private var waiters: [UInt64: Waiter] = [:]
    private var lastID: UInt64 = 0
    /// Who has borrowed which session. A lease that is not here has ended.
    private var leases: [UInt64: UInt64] = [:]
    /// So that an outage is told once, not by each attempt.
    private var isServerAway = false

    private struct Waiter {
        var timer: EventThread.TimerID
        var finish: (Result<PoolState.Grant, PostgresError>) -> Void
    }

    init(url: PostgresURL, maximumConnections: Int, applicationName: String, logger: Logger) {
        thread = EventThread(name: "postgres")
        self.url = url
        self.logger = logger
        keywords = url.keywords(applicationName: applicationName)
        pool = PoolState(maximumConnections: maximumConnections)
    }

    private func nextID() -> UInt64 {
        lastID += 1
        return lastID
    }

    // MARK: Borrowing

    /// A lease on a connection, by the deadline.
    func acquire(deadline: ContinuousClock.Instant) async throws(PostgresError) -> UInt64 {
        var attempt = 0
        while true {
            switch try await request(deadline: deadline) {
            case .use(let id):
                if let session = sessions[id], session.isReusable() { return lend(id) }
                discard(id)
            case .open:
                do throws(ConnectFailure) {
                    return lend(try await open(within: min(Self.connectLimit, ContinuousClock.now.duration(to: deadline))))
                } catch {
                    attempt += 1
                    try await pauseBeforeRetry(after: error, attempt: attempt, deadline: deadline)
                }
            case .wait, .refuse:
                throw refusal()
            }
        }
    }

    private func refusal() -> PostgresError {
        pool.isClosed
            ? PostgresError(.closed, "the database pool has been closed")
            : PostgresError(.exhausted, "more than \(PoolState.maximumWaiters) wait for a connection to \(url.place)")
    }

    private func lend(_ session: UInt64) -> UInt64 {
        let lease = nextID()
        leases[lease] = session
        sessions[session]?.isLent()
        return lease
    }

    private func request(deadline: ContinuousClock.Instant) async throws(PostgresError) -> PoolState.Grant {
        guard !Task.isCancelled else { throw Self.cancelled }
        let id = nextID()
        let grant = pool.request(by: id)
        guard case .wait = grant else { return grant }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<PoolState.Grant, PostgresError>, Never>) in
                let timer = thread.schedule(after: ContinuousClock.now.duration(to: deadline)) { [weak self] in
                    self?.assumeIsolated { $0.waiterTimedOut(id) }
                }
                waiters[id] = Waiter(timer: timer) { continuation.resume(returning: $0) }
                if Task.isCancelled { giveUpWaiting(id, Self.cancelled) }
            }
        } onCancel: {
            // Not awaited: the handler is synchronous, and the waiter hears of it through its continuation.
            Task { await self.giveUpWaiting(id, Self.cancelled) }
        }
        return try result.get()
    }

    private func waiterTimedOut(_ id: UInt64) {
        let error = PostgresError(
            .timeout, "no connection to \(url.place) became free in time: all \(pool.maximumConnections) of the pool are in use")
        giveUpWaiting(id, error)
    }

    private func giveUpWaiting(_ id: UInt64, _ error: PostgresError) {
        guard pool.abandoned(id) else { return }
        finishWaiter(id, .failure(error))
    }

    private func finishWaiter(_ id: UInt64, _ result: Result<PoolState.Grant, PostgresError>) {
        guard let waiter = waiters.removeValue(forKey: id) else { return }
        thread.cancel(waiter.timer)
        waiter.finish(result)
    }

    private func carryOut(_ handover: PoolState.Handover?) {
        if let handover { finishWaiter(handover.waiter, .success(handover.grant)) }
    }

    // MARK: Connecting

    private func open(within limit: Duration) async throws(ConnectFailure) -> UInt64 {
        let session = PostgresSession(id: nextID(), thread: thread, canceller: canceller)
        let id = session.id
        sessions[id] = session
        let result = await withTaskCancellationHandler {
            await self.connect(id, within: limit)
        } onCancel: {
            // Not awaited: the handler is synchronous, and the opener hears of it through its continuation.
            Task { await self.abandonConnecting(id) }
        }
        do throws(ConnectFailure) {
            try result.get()
        } catch {
            sessions[id] = nil
            carryOut(pool.openFailed())
            throw error
        }
        session.diedWhileIdle = { [weak self] in
            self?.assumeIsolated { $0.sessionDied(id) }
        }
        pool.opened(id)
        if isServerAway {
            isServerAway = false
            logger.notice("\(url.place) is there again")
        }
        return id
    }

    private func connect(_ id: UInt64, within limit: Duration) async -> Result<Void, ConnectFailure> {
        guard let session = sessions[id], !Task.isCancelled else { return .failure(ConnectFailure(message: "cancelled")) }
        return await withCheckedContinuation { continuation in
            session.connect(keywords, within: limit) { continuation.resume(returning: $0) }
        }
    }

    private func abandonConnecting(_ id: UInt64) {
        sessions[id]?.abandonConnecting()
    }

    private func pauseBeforeRetry(
        after failure: ConnectFailure, attempt: Int, deadline: ContinuousClock.Instant
    ) async throws(PostgresError) {
        let error = PostgresError(.cannotConnect, "cannot connect to \(url.place): \(failure.reason)")
        guard failure.isTransient, !pool.isClosed else { throw error }
        if !isServerAway {
            isServerAway = true
            logger.warning("\(error.message); trying again")
        }
        let pause = Backoff.connecting.pause(after: attempt, jitter: .random(in: 0...1))
        guard .now + pause < deadline else { throw error }
        do {
            try await Task.sleep(for: pause)
        } catch {
            throw Self.cancelled
        }
    }

    // MARK: Returning

    /// Ends a lease. The connection goes back to the pool when it is in good order, else it is dropped.
    func release(_ lease: UInt64) {
        guard let id = leases.removeValue(forKey: lease) else { return }
        if let session = sessions[id], session.isReusable(), !pool.isClosed {
            carryOut(pool.released(id))
        } else {
            discard(id)
        }
    }

    private func sessionDied(_ id: UInt64) {
        // One that is lent out is discarded when it comes back; until then its borrower is told by his next statement.
        if !leases.values.contains(id) { discard(id) }
    }

    private func discard(_ id: UInt64) {
        sessions.removeValue(forKey: id)?.close()
        carryOut(pool.lost(id))
    }

    /// Idle connections are closed now, those in use when they come back; whoever waits is refused.
    func close() {
        let (idle, refused) = pool.close()
        for id in idle { sessions.removeValue(forKey: id)?.close() }
        for waiter in refused { finishWaiter(waiter, .failure(refusal())) }
    }

    // MARK: Statements

    enum Commit {
        /// The connection is known to have died: COMMIT was not sent into the unknown.
        case notSent(PostgresError)
        case sent(Result<PostgresResult, PostgresError>)
    }

    /// Not given up when the task is cancelled.
    /// - Parameter statements: to be carried out before it.
    func commit(after statements: [PostgresStatement], lease: UInt64, deadline: ContinuousClock.Instant) async -> Commit {
        guard let session = leases[lease].flatMap({ sessions[$0] }), session.isAlive() else {
            return .notSent(PostgresError(.connectionLost, "the connection to \(url.place) was lost during the transaction"))
        }
        do throws(PostgresError) {
            let all = statements + [PostgresStatement("COMMIT")]
            return .sent(.success(try await perform(all, lease: lease, deadline: deadline, isCancellable: false)))
        } catch {
            return .sent(.failure(error))
        }
    }

    func takeContention(_ lease: UInt64) -> PostgresError? {
        leases[lease].flatMap { sessions[$0] }?.takeContention()
    }

    /// Why the transaction of this lease failed, if running it again may help.
    func retryableFailure(_ lease: UInt64) -> PostgresError? {
        leases[lease].flatMap { sessions[$0] }?.retryableFailure
    }

    /// Carries statements out in their order, up to the first that fails.
    /// - Parameters:
    ///   - statements: a script alone.
    ///   - isCancellable: whether a cancelled task gives them up. COMMIT and ROLLBACK go on until the deadline.
    /// - Returns: the last one's result.
    func perform(
        _ statements: [PostgresStatement], lease: UInt64, deadline: ContinuousClock.Instant, isCancellable: Bool = true
    ) async throws(PostgresError) -> PostgresResult {
        if isCancellable && Task.isCancelled { throw Self.cancelled }
        let limit = ContinuousClock.now.duration(to: deadline)
        guard limit > .zero else { throw PostgresError(.timeout, "the deadline had passed before the statement was sent") }
        let id = nextID()
        let result = await withTaskCancellationHandler {
            // `self` has to be captured: else the closure would not be isolated to this actor, and run elsewhere.
            await self.perform(statements, id: id, lease: lease, within: limit)
        } onCancel: {
            guard isCancellable else { return }
            // Not awaited: the handler is synchronous, and the statement's caller hears of it through its continuation.
            Task { await self.abandon(id, lease: lease) }
        }
        return try result.get()
    }

    private func perform(
        _ statements: [PostgresStatement], id: UInt64, lease: UInt64, within limit: Duration
    ) async -> Result<PostgresResult, PostgresError> {
        guard let session = leases[lease].flatMap({ sessions[$0] }) else {
            return .failure(
                PostgresError(.handleEnded, "the connection was used after its withConnection or transaction had returned"))
        }
        return await withCheckedContinuation { continuation in
            session.perform(statements, id: id, within: limit) { continuation.resume(returning: $0) }
        }
    }

    private func abandon(_ statement: UInt64, lease: UInt64) {
        leases[lease].flatMap { sessions[$0] }?.abandon(statement, Self.cancelled)
    }

    static let cancelled = PostgresError(.cancelled, "the task was cancelled while it waited for the database")
}
