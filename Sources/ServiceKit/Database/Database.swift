public import Postgres
import TraceStore
import Tracing

/// The service's own schema in PostgreSQL.
public struct Database: Sendable {
    /// How long a plain query may wait for the database.
    public static let queryPatience: Duration = .seconds(5)

    /// For asking whether the database is there.
    static let probePatience: Duration = .milliseconds(500)

    let pool: PostgresPool
    let publisher: EventStamp
    let relaySignal: RelaySignal

    /// Runs `body` in a transaction: commits when it returns, rolls back when it throws.
    ///
    /// The whole body is run again when PostgreSQL asks for it (40001, 40P01) or the connection is lost before the commit.
    /// - Parameter within: how long to wait for the database, retries included. Nothing is begun after that.
    public func transaction<T: Sendable>(
        within patience: Duration = .seconds(10), _ body: @escaping @Sendable (Transaction) async throws -> T
    ) async throws -> T {
        try await transaction(within: patience, traceparent: ServiceContext.current?.spanContext?.traceparent, body)
    }

    /// Rows of one statement, outside of any transaction.
    public func query(_ sql: String, _ parameters: [any PostgresEncodable] = []) async throws -> [PostgresRow] {
        try await pool.withConnection(deadline: .now + Self.queryPatience) { connection in
            try await StatementSpan.around(sql) { try await connection.query(sql, parameters) }
        }
    }

    /// Whether it does so at once.
    var isAnswering: Bool {
        get async {
            do {
                _ = try await pool.withConnection(deadline: .now + Self.probePatience) { try await $0.query("SELECT 1") }
                return true
            } catch {
                return false
            }
        }
    }

    func transaction<T: Sendable>(
        within patience: Duration, traceparent: String?, _ body: @escaping @Sendable (Transaction) async throws -> T
    ) async throws -> T {
        let publications = PublicationCount()
        let (result, bodyEnd) = try await pool.transaction(deadline: .now + patience) { connection in
            let result = try await body(
                Transaction(connection: connection, publisher: publisher, traceparent: traceparent, publications: publications))
            return (result, DefaultTracerClock.now)
        }
        if let context = ServiceContext.current { CommitSpan.record(CollectionOfOne(context), since: bodyEnd) }
        if publications.isPositive { relaySignal.wake(forSchedule: publications.hasScheduled) }
        return result
    }
}
