import Glibc
import Postgres
import TestSupport
import Testing

@Suite struct PostgresPoolTests {
    @Test func manyCallersShareAFewConnections() async throws {
        let database = try await TestDatabase.make(maximumConnections: 4)
        let total = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<500 {
                group.addTask { try await database.query("SELECT $1::int AS n", [number])[0].get("n") }
            }
            return try await group.reduce(0, +)
        }
        #expect(total == 124_750)
        let open = try await database.query(
            "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'")
        #expect(try open[0].get("n", as: Int.self) <= 4)
    }

    @Test func whoWaitsTooLongIsTold() async throws {
        let database = try await TestDatabase.make(maximumConnections: 1)
        try await database.pool.withConnection(deadline: .soon) { _ in
            let error = await #expect(throws: PostgresError.self) {
                try await database.pool.withConnection(deadline: .now + .milliseconds(50)) { _ in }
            }
            #expect(error?.code == .timeout)
        }
        #expect(try await database.query("SELECT 1").count == 1)
    }

    @Test func aStatementEndsAtItsDeadlineAndOnTheServerToo() async throws {
        let database = try await TestDatabase.make(maximumConnections: 2)
        let error = await #expect(throws: PostgresError.self) {
            try await database.pool.withConnection(deadline: .now + .milliseconds(500)) { _ = try await $0.query("SELECT pg_sleep(600)") }
        }
        #expect(error?.code == .timeout)
        try await eventually("the statement's end on the server") { try await sleepers(database) == 0 }
    }

    @Test func aCancelledTaskReturnsAndItsStatementEndsToo() async throws {
        let database = try await TestDatabase.make(maximumConnections: 2)
        let task = Task { try await database.query("SELECT pg_sleep(600)") }
        try await eventually("the statement's start") { try await sleepers(database) == 1 }
        task.cancel()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        try await eventually("the statement's end on the server") { try await sleepers(database) == 0 }
    }

    private func sleepers(_ database: TestDatabase) async throws -> Int {
        try await database.query(
            """
            SELECT count(*) AS n FROM pg_stat_activity
            WHERE datname = current_database() AND state = 'active' AND query = 'SELECT pg_sleep(600)'
            """)[0].get("n")
    }

    @Test func aCancelledWaiterLeavesTheLine() async throws {
        let database = try await TestDatabase.make(maximumConnections: 1)
        try await database.pool.withConnection(deadline: .soon) { _ in
            let task = Task { try await database.query("SELECT 1") }
            task.cancel()
            let error = await #expect(throws: PostgresError.self) { try await task.value }
            #expect(error?.code == .cancelled)
        }
        #expect(try await database.query("SELECT 1").count == 1)
    }

    @Test func aConnectionThatDiedIdleIsReplacedUnseen() async throws {
        let database = try await TestDatabase.make(maximumConnections: 1)
        let other = try TestDatabase.pool(database.url)
        for _ in 0..<5 {
            let process: Int32 = try await database.query("SELECT pg_backend_pid() AS pid")[0].get("pid")
            try await other.withConnection(deadline: .soon) { _ = try await $0.query("SELECT pg_terminate_backend($1)", [process]) }
            // Then its end of the connection is closed.
            try await eventually("the backend's end") { kill(process, 0) != 0 }
            #expect(try await database.query("SELECT 1").count == 1)
        }
    }

    @Test func anOpenTransactionDoesNotGoBackToThePool() async throws {
        let database = try await TestDatabase.make(maximumConnections: 1)
        try await database.execute("CREATE TABLE t (i int)")
        try await database.pool.withConnection(deadline: .soon) {
            _ = try await $0.execute("BEGIN")
            _ = try await $0.execute("INSERT INTO t VALUES (1)")
        }
        #expect(try await database.query("SELECT * FROM t").isEmpty)
    }

    @Test func aWrongPasswordIsToldAtOnceAndNotShown() async throws {
        let server = try await PrivatePostgreSQL.shared()
        let pool = try TestDatabase.pool("postgres://postgres:swordfish@127.0.0.1:\(server.port)/postgres")
        let error = await #expect(throws: PostgresError.self) { try await pool.withConnection(deadline: .soon) { _ in } }
        #expect(error?.code == .cannotConnect)
        #expect(error?.message.contains("swordfish") == false && error?.message.contains("password") == true)
    }

    @Test func aMissingDatabaseIsToldAtOnce() async throws {
        let pool = try TestDatabase.pool(try await PrivatePostgreSQL.shared().url(database: "nowhere"))
        let error = await #expect(throws: PostgresError.self) { try await pool.withConnection(deadline: .soon) { _ in } }
        #expect(error?.code == .cannotConnect && error?.message.contains("nowhere") == true)
    }

    @Test func anAbsentServerIsWaitedForUntilTheDeadline() async throws {
        let pool = try TestDatabase.pool("postgres://postgres:x@127.0.0.1:\(freePort())/postgres")
        let error = await #expect(throws: PostgresError.self) {
            try await pool.transaction(deadline: .now + .milliseconds(400)) { _ in }
        }
        #expect(error?.code == .cannotConnect)
    }

    @Test func aCancelledTaskDoesNotGoOnConnecting() async throws {
        let pool = try TestDatabase.pool("postgres://postgres:x@127.0.0.1:\(freePort())/postgres")
        let task = Task { try await pool.withConnection(deadline: .soon) { _ in } }
        task.cancel()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.code == .cancelled)
    }

    @Test func aClosedPoolRefuses() async throws {
        let database = try await TestDatabase.make()
        #expect(try await database.query("SELECT 1").count == 1)
        await database.pool.close()
        let error = await #expect(throws: PostgresError.self) { try await database.query("SELECT 1") }
        #expect(error?.code == .closed)
    }

    @Test func aPoolThatIsLetGoLeavesNoConnection() async throws {
        let database = try await TestDatabase.make()
        do {
            let pool = try TestDatabase.pool(database.url + "?sslmode=disable")
            try await pool.withConnection(deadline: .soon) { _ = try await $0.query("SELECT 1") }
        }
        try await eventually("the end of the pool's connections") {
            let rows = try await database.query(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            return rows.isEmpty
        }
    }
}
