import FoundationEssentials
public import Postgres

/// A database transaction. What it writes and the events that it publishes become true together or not at all.
///
/// Valid only inside the closure that it is handed to. The closure may run more than once (after a serialisation failure, or a connection
/// lost before the commit), so it must have no other effects than through the transaction, or such as may happen twice.
public struct Transaction: Sendable {
    let connection: PostgresConnection
    let publisher: EventStamp
    let traceparent: String?
    let publications: PublicationCount

    /// Rows of a statement; `$1`, `$2` … stand for the parameters.
    public func query(_ sql: String, _ parameters: [any PostgresEncodable] = []) async throws -> [PostgresRow] {
        try await connection.query(sql, parameters)
    }

    /// - Returns: how many rows the statement touched.
    @discardableResult
    public func execute(_ sql: String, _ parameters: [any PostgresEncodable] = []) async throws -> Int {
        try await connection.execute(sql, parameters)
    }

    /// Puts the event into the outbox: it goes to the broker if and only if the transaction commits, after all that were published earlier.
    ///
    /// - Returns: the event's id.
    /// - Throws: `ServiceError` when the service has no exchange to publish to.
    @discardableResult
    public func publish<E: Event>(_ event: E) async throws -> String {
        let row = try publisher.row(for: event, traceparent: traceparent)
        _ = try await connection.execute(OutboxTable.insert, row.insertParameters)
        publications.increment()
        return row.eventID
    }
}
