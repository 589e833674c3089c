public import Logging

/// Connections to one database, opened as they are needed, at most so many, and replaced when they die.
///
/// A pool has one thread for all of them. While the server is away, callers wait for it until their deadline.
public final class PostgresPool: Sendable {
    private let reactor: PostgresReactor

    /// How long a failed transaction's ROLLBACK may take before its connection is dropped instead.
    static let rollbackLimit: Duration = .seconds(1)

    /// Opens no connection yet.
    /// - Parameters:
    ///   - url: `postgres://role:password@host:port/database`, characters that mean something in a URL written as %XX; `?sslmode=` and
    ///     other options of libpq as in `PostgresURL.knownOptions`.
    ///   - maximumConnections: callers beyond that wait, first come, first served.
    ///   - applicationName: shown in the server's `pg_stat_activity`.
    public init(url: String, maximumConnections: Int = 8, applicationName: String, logger: Logger) throws(PostgresError) {
        reactor = PostgresReactor(
            url: try PostgresURL(url), maximumConnections: maximumConnections, applicationName: applicationName, logger: logger)
    }

    /// Runs `body` with a connection. Each statement is a transaction of its own.
    ///
    /// What a body changes in the session (SET, LISTEN, session-wide advisory locks, temporary tables) stays with the connection: undo it, or
    /// use the forms that end with a transaction.
    /// - Parameter deadline: for getting a connection and for each statement.
    /// - Throws: `PostgresError`, or what `body` throws.
    public func withConnection<T>(
        deadline: ContinuousClock.Instant, isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgresConnection) async throws -> T
    ) async throws -> T {
        let lease = try await reactor.acquire(deadline: deadline)
        do {
            let value = try await body(PostgresConnection(reactor: reactor, lease: lease, deadline: deadline))
            await reactor.release(lease)
            return value
        } catch {
            await reactor.release(lease)
            throw error
        }
    }

    /// Runs `body` in a transaction: committed when it returns, rolled back when it throws.
    ///
    /// The whole body is run again, until the deadline, when the transaction lost against another (SQLSTATE 40001, 40P01) and when the
    /// connection was lost before COMMIT was sent: it must have no other effects than those on its connection.
    /// - Parameter deadline: for everything together. While the server is away, it is waited for until then.
    /// - Throws: `PostgresError` or what `body` throws; `.commitUnknown` when the connection was lost while COMMIT was under way.
    public func transaction<T>(
        deadline: ContinuousClock.Instant, isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgresConnection) async throws -> T
    ) async throws -> T {
        var attempt = 0
        while true {
            attempt += 1
            let lease = try await reactor.acquire(deadline: deadline)
            let connection = PostgresConnection(reactor: reactor, lease: lease, deadline: deadline)
            var phase = TransactionRetry.Phase.body
            do {
                try await connection.executeWithNext("BEGIN")
                let value = try await body(connection)
                try await commit(connection, &phase)
                await reactor.release(lease)
                return value
            } catch {
                // A body may have wrapped the error that made its transaction worth running again.
                let retryable = phase == .commit ? nil : await reactor.retryableFailure(lease)
                if phase == .body { await rollBack(connection) }
                await reactor.release(lease)
                guard let failure = retryable ?? (error as? PostgresError) else { throw error }
                let pause = try decide(failure, thrown: error, phase: phase, attempt: attempt, deadline: deadline)
                try await Task.sleep(for: pause)
            }
        }
    }

    /// How long to wait before the next run.
    private func decide(
        _ failure: PostgresError, thrown error: any Error, phase: TransactionRetry.Phase, attempt: Int, deadline: ContinuousClock.Instant
    ) throws -> Duration {
        let decision = TransactionRetry.decide(
            failure.code, in: phase, attempt: attempt, remaining: ContinuousClock.now.duration(to: deadline), jitter: .random(in: 0...1))
        switch decision {
        case .again(let pause): return pause
        case .giveUp: throw error
        case .commitUnknown:
            throw PostgresError(
                .commitUnknown, "the connection was lost while the transaction was being committed: whether it took effect is not known",
                underlying: failure)
        }
    }

    /// Not given up when the task is cancelled: that would leave the outcome unknown for no gain.
    private func commit(_ connection: PostgresConnection, _ phase: inout TransactionRetry.Phase) async throws {
        let deferred = connection.takeDeferred()
        switch await reactor.commit(after: deferred, lease: connection.lease, deadline: connection.deadline) {
        case .notSent(let error): throw error
        case .sent(let result):
            phase = .commit
            guard try result.get().commandTag == "ROLLBACK" else { return }
            throw await reactor.retryableFailure(connection.lease)
                ?? PostgresError(
                    .transactionAborted,
                    "nothing was committed, because a statement of the transaction had failed: let its error through, or use SAVEPOINT")
        }
    }

    private func rollBack(_ connection: PostgresConnection) async {
        // Nothing has been sent yet, BEGIN neither.
        guard connection.takeDeferred().first != PostgresStatement("BEGIN") else { return }
        // When it fails, the connection is not reusable, and so dropped, which rolls back too.
        _ = try? await reactor.perform(
            [PostgresStatement("ROLLBACK")], lease: connection.lease, deadline: .now + Self.rollbackLimit, isCancellable: false)
    }

    /// Closes idle connections now, and those in use when they are given back. Whoever waits for one is refused.
    public func close() async {
        await reactor.close()
    }
}
