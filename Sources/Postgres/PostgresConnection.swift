/// A connection borrowed from a pool, good inside `withConnection` or `transaction` only.
///
/// Statements of several tasks on one connection are carried out one after the other.
public struct PostgresConnection: Sendable {
    let reactor: PostgresReactor
    let lease: UInt64
    /// No statement waits longer than this.
    public let deadline: ContinuousClock.Instant

    /// Runs one statement and returns its rows.
    ///
    /// Parameters are `$1`, `$2` … in the text, and are sent apart from it: no value can become SQL. See `PostgresValue` for their types.
    public func query(_ sql: String, _ parameters: [any PostgresEncodable] = []) async throws(PostgresError) -> [PostgresRow] {
        try await perform(PostgresStatement(sql: sql, parameters: parameters)).rows
    }

    /// Runs one statement and returns the number of rows it inserted, changed or deleted.
    @discardableResult
    public func execute(_ sql: String, _ parameters: [any PostgresEncodable] = []) async throws(PostgresError) -> Int {
        try await perform(PostgresStatement(sql: sql, parameters: parameters)).affectedRows
    }

    /// Runs several statements, separated by semicolons, without parameters, as for a migration. Outside a transaction they are one of
    /// their own: all of them take effect or none, unless the text says BEGIN or COMMIT itself.
    public func batch(script: String) async throws(PostgresError) {
        _ = try await perform(PostgresStatement(sql: script, parameters: nil))
    }

    /// The last error by which a statement lost against another transaction (SQLSTATE 40001, 40P01, 55P03) since it was asked for, however
    /// whoever ran the statement wrapped it.
    public func takeContention() async -> PostgresError? {
        await reactor.takeContention(lease)
    }

    private func perform(_ statement: PostgresStatement) async throws(PostgresError) -> PostgresResult {
        try await reactor.perform(statement, lease: lease, deadline: deadline)
    }
}
