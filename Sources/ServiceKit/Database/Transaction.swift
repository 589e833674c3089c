public import FoundationEssentials
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
    /// Nil: nobody wants to know.
    var statements: StatementClock?

    /// Rows of a statement; `$1`, `$2` … stand for the parameters.
    public func query(_ sql: String, _ parameters: [any PostgresEncodable] = []) async throws -> [PostgresRow] {
        try await measured(sql) { try await StatementSpan.around(sql) { try await connection.query(sql, parameters) } }
    }

    private func measured<T>(_ sql: String, _ body: () async throws -> T) async throws -> T {
        guard let statements else { return try await body() }
        return try await statements.measure(sql, body)
    }

    /// - Returns: how many rows the statement touched.
    @discardableResult
    public func execute(_ sql: String, _ parameters: [any PostgresEncodable] = []) async throws -> Int {
        try await measured(sql) { try await StatementSpan.around(sql) { try await connection.execute(sql, parameters) } }
    }

    /// Has a statement carried out together with the next one, before it: it costs no round trip of its own.
    ///
    /// What the database has against it is thrown by the next statement, or by the commit.
    public func executeWithNext(_ sql: String, _ parameters: [any PostgresEncodable] = []) async throws {
        // Not measured: it waits with the next one.
        try await StatementSpan.around(sql) { try await connection.executeWithNext(sql, parameters) }
    }

    /// Puts the event into the outbox: it goes to the broker if and only if the transaction commits, after all of its subject that were
    /// published earlier.
    ///
    /// What the database has against it is thrown by the next statement, or by the commit.
    ///
    /// - Returns: the event's id.
    /// - Throws: `ServiceError` when the service has no exchange to publish to.
    @discardableResult
    public func publish<E: Event>(_ event: E) async throws -> String {
        let row = try publisher.row(for: event, traceparent: traceparent)
        try await connection.executeWithNext(OutboxTable.insert, row.insertParameters)
        publications.increment()
        return row.eventID
    }

    /// Puts the event aside until `delay` has passed, then it goes to the broker as if it had been published at that time.
    ///
    /// - Parameter delay: 0 s to 30 days; to the second.
    /// - Returns: the event's id, by which `cancelScheduled` knows it.
    /// - Throws: `ServiceError` for a delay beyond that, and when the service has no exchange to publish to.
    @discardableResult
    public func publish<E: Event>(_ event: E, after delay: Duration) async throws -> String {
        try await schedule(event, at: publisher.clock.timestamp.advanced(by: delay))
    }

    /// Puts the event aside until `time`, then it goes to the broker as if it had been published at that time.
    ///
    /// - Parameter time: at most 30 days ahead; a time that has passed is now.
    /// - Returns: the event's id, by which `cancelScheduled` knows it.
    /// - Throws: `ServiceError` for a time beyond that, and when the service has no exchange to publish to.
    @discardableResult
    public func publish<E: Event>(_ event: E, at time: Date) async throws -> String {
        try await schedule(event, at: max(Timestamp(time), publisher.clock.timestamp))
    }

    /// Takes back an event that is not due yet.
    ///
    /// - Parameter eventID: what `publish` returned.
    /// - Returns: false when it has gone to the outbox already, or there never was such an event.
    @discardableResult
    public func cancelScheduled(_ eventID: String) async throws -> Bool {
        try await connection.execute(ScheduledTable.cancel, [eventID]) > 0
    }

    private func schedule<E: Event>(_ event: E, at due: Timestamp) async throws -> String {
        let delay = publisher.clock.timestamp.duration(to: due)
        // What passed between asking and here does not make a delay wrong.
        guard delay >= .seconds(-1), delay <= Self.longestDelay else {
            throw ServiceError(
                .invalidSetUp,
                "'\(E.type)' cannot be published \(delay.inSeconds) s from now: events can be put off for 0 s to \(Self.longestDelay.inSeconds) s (30 days)."
            )
        }
        let row = try publisher.row(for: event, traceparent: traceparent, time: due)
        _ = try await connection.execute(ScheduledTable.insert, ScheduledTable.parameters(row, due: due))
        publications.increment(isScheduled: true)
        return row.eventID
    }

    /// How far ahead an event can be scheduled.
    public static let longestDelay: Duration = .seconds(30 * 86_400)
}
