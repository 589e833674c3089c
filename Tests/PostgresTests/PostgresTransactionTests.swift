import Glibc
import Postgres
import TestSupport
import Testing

@Suite struct PostgresTransactionTests {
    private struct Mishap: Error {}

    @Test func commitsWhenTheBodyReturnsAndRollsBackWhenItThrows() async throws {
        let database = try await TestDatabase.make()
        try await database.execute("CREATE TABLE t (i int)")
        try await database.pool.transaction(deadline: .soon) { _ = try await $0.execute("INSERT INTO t VALUES (1)") }
        await #expect(throws: Mishap.self) {
            try await database.pool.transaction(deadline: .soon) {
                _ = try await $0.execute("INSERT INTO t VALUES (2)")
                throw Mishap()
            }
        }
        #expect(try await database.query("SELECT i FROM t").map { try $0.get("i", as: Int.self) } == [1])
    }

    @Test func losersOfASerializationConflictRunAgain() async throws {
        let database = try await TestDatabase.make()
        try await database.execute("CREATE TABLE stock (pieces int)")
        try await database.execute("INSERT INTO stock VALUES (0)")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await database.pool.transaction(deadline: .soon) { connection in
                        _ = try await connection.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
                        let pieces: Int = try await connection.query("SELECT pieces FROM stock")[0].get("pieces")
                        _ = try await connection.execute("UPDATE stock SET pieces = $1", [pieces + 1])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await database.query("SELECT pieces FROM stock")[0].get("pieces") == 20)
    }

    @Test func aWrappedConflictRunsAgainToo() async throws {
        let database = try await TestDatabase.make()
        try await database.execute("CREATE TABLE stock (pieces int)")
        try await database.execute("INSERT INTO stock VALUES (0)")
        var runs = 0
        try await database.pool.transaction(deadline: .soon) { connection in
            runs += 1
            _ = try await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            _ = try await connection.query("SELECT pieces FROM stock")
            if runs == 1 { try await database.execute("UPDATE stock SET pieces = 5") }
            do {
                _ = try await connection.execute("UPDATE stock SET pieces = pieces + 1")
            } catch {
                throw Mishap()
            }
        }
        #expect(runs == 2)
        #expect(try await database.query("SELECT pieces FROM stock")[0].get("pieces") == 6)
    }

    @Test func anErrorThatTheBodySwallowsIsNotTakenForACommit() async throws {
        let database = try await TestDatabase.make()
        let error = await #expect(throws: PostgresError.self) {
            try await database.pool.transaction(deadline: .soon) { connection in
                _ = try? await connection.query("SELECT 1/0")
            }
        }
        #expect(error?.code == .transactionAborted)
    }

    @Test func aConnectionLostBeforeCommitRunsAgain() async throws {
        let database = try await TestDatabase.make()
        try await database.execute("CREATE TABLE t (i int)")
        var runs = 0
        try await database.pool.transaction(deadline: .soon) { connection in
            runs += 1
            _ = try await connection.execute("INSERT INTO t VALUES ($1)", [runs])
            if runs == 1 {
                let process: Int = try await connection.query("SELECT pg_backend_pid() AS pid")[0].get("pid")
                _ = try await database.query("SELECT pg_terminate_backend($1)", [process])
            }
            _ = try await connection.execute("INSERT INTO t VALUES ($1)", [runs * 10])
        }
        #expect(runs == 2)
        #expect(try await database.query("SELECT i FROM t ORDER BY i").map { try $0.get("i", as: Int.self) } == [2, 20])
    }

    @Test func aConnectionThatDiedBeforeCommitWasSentRunsAgain() async throws {
        let database = try await TestDatabase.make()
        try await database.execute("CREATE TABLE t (i int)")
        var runs = 0
        try await database.pool.transaction(deadline: .soon) { connection in
            runs += 1
            _ = try await connection.execute("INSERT INTO t VALUES ($1)", [runs])
            guard runs == 1 else { return }
            let process: Int32 = try await connection.query("SELECT pg_backend_pid() AS pid")[0].get("pid")
            _ = try await database.query("SELECT pg_terminate_backend($1)", [process])
            try await eventually("the backend's end") { kill(process, 0) != 0 }
        }
        #expect(try await database.query("SELECT i FROM t").map { try $0.get("i", as: Int.self) } == [2])
    }

    @Test func aKilledServerIsWaitedForAndTheTransactionRunAgain() async throws {
        let server = try await PrivatePostgreSQL.start()
        let pool = try TestDatabase.pool(server.url, maximumConnections: 4)
        try await pool.withConnection(deadline: .soon) { _ = try await $0.execute("CREATE TABLE t (worker int, run int)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    for run in 0..<20 {
                        try await Self.insert(worker, run, pool)
                    }
                }
            }
            group.addTask {
                try await server.kill()
                try await server.restart()
            }
            try await group.waitForAll()
        }
        let rows = try await pool.withConnection(deadline: .soon) {
            try await $0.query("SELECT count(*) AS n, count(DISTINCT (worker, run)) AS d FROM t")
        }
        #expect(try rows[0].get("d") == 160)
        #expect(try rows[0].get("n", as: Int.self) >= 160)
        try await server.stop()
    }

    /// A commit of unknown outcome is what a caller has to settle: here by looking whether the row is there.
    private static func insert(_ worker: Int, _ run: Int, _ pool: PostgresPool) async throws {
        do {
            try await pool.transaction(deadline: .soon) { connection in
                _ = try await connection.execute(
                    "INSERT INTO t SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM t WHERE worker = $1 AND run = $2)", [worker, run])
            }
        } catch let error as PostgresError where error.code == .commitUnknown {
            try await insert(worker, run, pool)
        }
    }

    @Test func commitGoesOnWhenItsTaskIsCancelled() async throws {
        let database = try await TestDatabase.make()
        // Checked at COMMIT, and slow, so that the cancellation comes while it is under way.
        try await database.pool.withConnection(deadline: .soon) {
            try await $0.batch(
                script: """
                    CREATE TABLE t (i int);
                    CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$;
                    CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow();
                    """)
        }
        let task = Task {
            try await database.pool.transaction(deadline: .soon) { _ = try await $0.execute("INSERT INTO t VALUES (1)") }
        }
        try await eventually("the commit's start") {
            try await !database.query(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query = 'COMMIT' AND state = 'active'"
            )
            .isEmpty
        }
        task.cancel()
        try await task.value
        #expect(try await database.query("SELECT i FROM t").count == 1)
    }

    @Test func aCommitThatRunsIntoTheDeadlineIsUnknown() async throws {
        let database = try await TestDatabase.make()
        try await database.pool.withConnection(deadline: .soon) {
            try await $0.batch(
                script: """
                    CREATE TABLE t (i int);
                    CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NULL; END $$;
                    CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow();
                    """)
        }
        let error = await #expect(throws: PostgresError.self) {
            try await database.pool.transaction(deadline: .now + .seconds(1)) { _ = try await $0.execute("INSERT INTO t VALUES (1)") }
        }
        #expect(error?.code == .commitUnknown)
    }
}
