/// A connection borrowed from a pool, good inside `withConnection` or `transaction` only.
///
/// Statements of several tasks on one connection are carried out one after the other.
public struct PostgresConnection: Sendable {
    let reactor: PostgresReactor
    let lease: UInt64
    /// No statement waits longer than this.
    public let deadline: ContinuousClock.Instant
    private let deferred = DeferredStatements()

    init(reactor: PostgresReactor, lease: UInt64, deadline: ContinuousClock.Instant) {
        self.reactor = reactor
        self.lease = lease
        self.deadline = deadline
    }

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

    /// Has a statement sent together with the next one, before it. If it fails, the next one throws its error and is not carried out.
    ///
    /// What was put off is forgotten when the connection is given back.
    public func executeWithNext(_ sql: String, _ parameters: [any PostgresEncodable] = []) async throws(PostgresError) {
        let statement = try PostgresStatement(sql: sql, parameters: parameters)
        guard !deferred.add(statement) else { return }
        _ = try await perform(statement)
    }

    /// How far a connection has come: the same mark again says that nothing was sent or put off in between.
    public struct Mark: Sendable, Equatable {
        let sendings: Int
        let deferred: Int

        /// Whether something is put off.
        public var hasDeferred: Bool { deferred > 0 }

        /// Whether something was sent since an earlier one.
        public func hasSent(since earlier: Mark) -> Bool { sendings != earlier.sendings }
    }

    public var mark: Mark { deferred.mark }

    /// Forgets what was put off since a mark (nil: all of it) and not sent.
    public func dropDeferred(after mark: Mark? = nil) { deferred.drop(after: mark) }

    func takeDeferred() -> [PostgresStatement] { deferred.take() }

    private func perform(_ statement: PostgresStatement) async throws(PostgresError) -> PostgresResult {
        var statements = deferred.take()
        // A script cannot go together with others.
        if statement.parameters == nil, !statements.isEmpty {
            _ = try await reactor.perform(statements, lease: lease, deadline: deadline)
            statements = []
        }
        return try await reactor.perform(statements + [statement], lease: lease, deadline: deadline)
    }
}
