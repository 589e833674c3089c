import TestSupport
import Testing

@testable import Postgres

/// Statements that are sent together with the next one.
@Suite struct DeferredStatementTests {
    private struct Mishap: Error {}

    private func numbers(_ database: TestDatabase) async throws -> [Int] {
        try await database.query("SELECT i FROM t ORDER BY i").map { try $0.get("i", as: Int.self) }
    }

    private func database() async throws -> TestDatabase {
        let database = try await TestDatabase.make()
        try await database.execute("CREATE TABLE t (i int PRIMARY KEY)")
        return database
    }

    @Test func theyAreCarriedOutInTheirOrderBeforeTheNext() async throws {
        let database = try await database()
        let seen = try await database.pool.transaction(deadline: .soon) { connection in
            for number in 1...3 { try await connection.executeWithNext("INSERT INTO t VALUES ($1)", [number]) }
            return try await connection.query("SELECT count(*) FROM t")[0].get(0, as: Int.self)
        }
        #expect(seen == 3)
        #expect(try await numbers(database) == [1, 2, 3])
    }

    @Test func theCommitTakesThemAlong() async throws {
        let database = try await database()
        try await database.pool.transaction(deadline: .soon) { connection in
            for number in 1...DeferredStatements.maximum * 2 { try await connection.executeWithNext("INSERT INTO t VALUES ($1)", [number]) }
        }
        #expect(try await numbers(database).count == DeferredStatements.maximum * 2)
    }

    @Test func whatFailsIsThrownByTheNextOrTheCommitAndNothingOfItHolds() async throws {
        let database = try await database()
        try await database.execute("INSERT INTO t VALUES (1)")
        for isCommitNext in [true, false] {
            let error = await #expect(throws: PostgresError.self) {
                try await database.pool.transaction(deadline: .soon) { connection in
                    try await connection.executeWithNext("INSERT INTO t VALUES (2)")
                    try await connection.executeWithNext("INSERT INTO t VALUES (1)")
                    if !isCommitNext { _ = try await connection.query("SELECT 1") }
                }
            }
            #expect(error?.code == .sqlState("23505"))
            #expect(try await numbers(database) == [1])
        }
    }

    @Test func aBodyThatThrowsLeavesNothingBehind() async throws {
        let database = try await database()
        for isSent in [true, false] {
            await #expect(throws: Mishap.self) {
                try await database.pool.transaction(deadline: .soon) { connection in
                    if isSent { _ = try await connection.query("SELECT 1") }
                    try await connection.executeWithNext("INSERT INTO t VALUES (1)")
                    throw Mishap()
                }
            }
        }
        try await database.pool.withConnection(deadline: .soon) { try await $0.executeWithNext("INSERT INTO t VALUES (2)") }
        #expect(try await numbers(database).isEmpty)
    }

    @Test func aConflictAtTheCommitRunsAgain() async throws {
        let database = try await database()
        try await database.execute("INSERT INTO t VALUES (1)")
        var runs = 0
        try await database.pool.transaction(deadline: .soon) { connection in
            runs += 1
            _ = try await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            _ = try await connection.query("SELECT i FROM t")
            if runs == 1 { try await database.execute("UPDATE t SET i = 5") }
            try await connection.executeWithNext("UPDATE t SET i = i + 1")
        }
        #expect(runs == 2)
        #expect(try await numbers(database) == [6])
    }

    @Test func aMarkTellsWhatCameSince() async throws {
        let database = try await database()
        try await database.pool.transaction(deadline: .soon) { connection in
            _ = try await connection.query("SELECT 1")
            let start = connection.mark
            #expect(!start.hasDeferred && connection.mark == start)
            try await connection.executeWithNext("INSERT INTO t VALUES (1)")
            let one = connection.mark
            #expect(one.hasDeferred && one != start && !one.hasSent(since: start))
            try await connection.executeWithNext("INSERT INTO t VALUES (2)")
            connection.dropDeferred(after: one)
            #expect(connection.mark == one)
            _ = try await connection.query("SELECT 1")
            #expect(connection.mark.hasSent(since: one))
            try await connection.executeWithNext("INSERT INTO t VALUES (3)")
            // What was there at the mark has gone; all of this came since.
            connection.dropDeferred(after: one)
            #expect(!connection.mark.hasDeferred)
        }
        #expect(try await numbers(database) == [1])
    }

    @Test func aScriptGoesAfterThem() async throws {
        let database = try await database()
        try await database.pool.transaction(deadline: .soon) { connection in
            try await connection.executeWithNext("INSERT INTO t VALUES (1)")
            try await connection.batch(script: "INSERT INTO t SELECT i + 1 FROM t; INSERT INTO t SELECT i + 2 FROM t")
        }
        #expect(try await numbers(database) == [1, 2, 3, 4])
    }
}
