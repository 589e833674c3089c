import TestSupport
import Testing

@testable import Postgres

@Suite struct PreparedStatementTests {
    @Test func whatComesAgainIsPreparedAndRenewed() {
        var prepared = PreparedStatements()
        let start = ContinuousClock.now
        #expect(prepared.use("a", at: start) == .plain)
        #expect(prepared.use("a", at: start) == .prepare("s1", dropping: nil))
        // It may have failed: nothing says that it is there.
        #expect(prepared.use("a", at: start) == .prepare("s2", dropping: nil))
        prepared.isPrepared("a", "s2", at: start)
        #expect(prepared.use("a", at: start) == .prepared("s2"))
        let later = start + PreparedStatements.lifetime
        #expect(prepared.use("a", at: later) == .prepare("s3", dropping: "s2"))
        prepared.isDropped("a")
        #expect(prepared.use("a", at: later) == .prepare("s4", dropping: nil))
        prepared.isPrepared("a", "s4", at: later)
        prepared.forget()
        #expect(prepared.use("a", at: later) == .plain)
        prepared.disallow()
        for _ in 1...3 { #expect(prepared.use("a", at: later) == .plain) }
    }

    @Test func onlySoManyAreToldApart() {
        var prepared = PreparedStatements()
        for number in 0..<PreparedStatements.maximum { _ = prepared.use("\(number)", at: .now) }
        for _ in 1...3 { #expect(prepared.use("another", at: .now) == .plain) }
    }

    private static func prepared(_ connection: PostgresConnection) async throws -> [String] {
        try await connection.query("SELECT statement FROM pg_prepared_statements ORDER BY prepare_time").map {
            try $0.get(0, as: String.self)
        }
    }

    @Test func aStatementIsPreparedAtItsSecondUse() async throws {
        let database = try await TestDatabase.make(maximumConnections: 1)
        try await database.pool.withConnection(deadline: .soon) { connection in
            for number in 1...4 {
                #expect(try await connection.query("SELECT $1::int + 1", [number])[0].get(0, as: Int.self) == number + 1)
                let names = try await Self.prepared(connection)
                #expect(names.contains("SELECT $1::int + 1") == (number > 1))
            }
        }
    }

    @Test func aMistakeIsToldEachTime() async throws {
        let database = try await TestDatabase.make(maximumConnections: 1)
        for _ in 1...4 {
            let error = await #expect(throws: PostgresError.self) { try await database.query("SELECT nothing FROM nowhere") }
            #expect(error?.code == .sqlState("42P01"))
        }
        #expect(try await database.query("SELECT 1")[0].get(0, as: Int.self) == 1)
    }

    @Test func aTableThatIsChangedUnderAPreparedStatementIsReadAnew() async throws {
        let database = try await TestDatabase.make(maximumConnections: 2)
        try await database.execute("CREATE TABLE t (i int)")
        try await database.execute("INSERT INTO t VALUES (1)")
        let hasNewColumn = { (row: PostgresRow) in (try? row.get("j", as: Int?.self)) != nil }
        try await database.pool.withConnection(deadline: .soon) { connection in
            for _ in 1...3 {
                let row = try await connection.query("SELECT * FROM t")[0]
                #expect(!hasNewColumn(row))
            }
            try await database.execute("ALTER TABLE t ADD COLUMN j int DEFAULT 2")
            let row = try await connection.query("SELECT * FROM t")[0]
            #expect(hasNewColumn(row))
        }
        // Within a transaction, that is run again.
        var runs = 0
        let found = try await database.pool.transaction(deadline: .soon) { connection in
            runs += 1
            for _ in 1...3 { _ = try await connection.query("SELECT * FROM t") }
            if runs == 1 {
                _ = try await connection.execute("COMMIT")
                try await database.execute("ALTER TABLE t ADD COLUMN k int DEFAULT 3")
                _ = try await connection.execute("BEGIN")
            }
            return try await connection.query("SELECT * FROM t")[0].get("k", as: Int.self)
        }
        #expect(runs == 2 && found == 3)
    }

    /// As behind a pooler that gives each transaction another session.
    @Test func withoutTheSessionThatPreparedItAStatementIsSentAsItIs() async throws {
        let database = try await TestDatabase.make(maximumConnections: 1)
        try await database.pool.withConnection(deadline: .soon) { connection in
            for _ in 1...3 { _ = try await connection.query("SELECT 7") }
            try await connection.batch(script: "DEALLOCATE ALL")
            for _ in 1...3 { #expect(try await connection.query("SELECT 7")[0].get(0, as: Int.self) == 7) }
            #expect(try await Self.prepared(connection).isEmpty)
        }
    }
}
