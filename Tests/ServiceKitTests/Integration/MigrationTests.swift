import AMQP
import Logging
import Postgres
@testable import ServiceKit
import Testing
import TestSupport

struct MigrationTests {
    private let one = Migration("1 a", "CREATE TABLE a (id int); CREATE TABLE b (id int)")

    @Test(.timeLimit(.minutes(1))) func manyInstancesApplyEachOnce() async throws {
        let surroundings = try await Surroundings()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<5 {
                group.addTask {
                    let pool = try PostgresPool(
                        url: surroundings.databaseURL, maximumConnections: 1, applicationName: "test", logger: surroundings.logger)
                    try await Migrator(pool: pool, logger: surroundings.logger).migrate([one, OutboxTable.migration, Inbox.migration])
                    await pool.close()
                }
            }
            try await group.waitForAll()
        }
        #expect(try await surroundings.count("SELECT count(*) FROM signalbox_migrations") == 3)
        await surroundings.close()
    }

    @Test(.timeLimit(.minutes(1))) func aFailedOneLeavesNothingAndEndsTheService() async throws {
        let surroundings = try await Surroundings()
        let application = try surroundings.application("order")
        application.migrate([one, Migration("2 c", "CREATE TABLE c (id int); SELECT 1 / 0")])
        do {
            try await application.run(stoppingOn: [])
            Issue.record("it ran")
        } catch let error as ServiceError {
            #expect(error.code == .migration)
            #expect(error.message.contains("Migration '2 c' failed"))
        }
        #expect(try await surroundings.count("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename IN ('a', 'c')") == 0)
        await surroundings.close()
    }

    @Test(.timeLimit(.minutes(1))) func oldEventsAreForgotten() async throws {
        let surroundings = try await Surroundings()
        let application = try surroundings.application("order")
        try await Migrator(pool: surroundings.pool, logger: surroundings.logger).migrate(ServiceApplication.ownMigrations)
        try await surroundings.pool.withConnection(deadline: .now + .seconds(10)) { connection in
            // A dead letter may be replayed.
            _ = try await connection.execute(
                "INSERT INTO signalbox_inbox VALUES ('dead', 'q', clock_timestamp() - interval '100 days', 'dead')")
            for days in [1, Inbox.keptDays - 1, Inbox.keptDays + 1, 100] {
                _ = try await connection.execute(
                    "INSERT INTO signalbox_inbox VALUES ($1, 'q', clock_timestamp() - $2::int * interval '1 day')", ["e\(days)", days])
            }
        }
        // The running service finds the table there and does not migrate it again.
        try await surroundings.running(application) {
            try await eventually { try await surroundings.count("SELECT count(*) FROM signalbox_inbox") == 3 }
        }
        await surroundings.close()
    }

    /// A service that was deployed before: its tables have rows, and an instance of the old release may run beside the new one for a while.
    @Test(.timeLimit(.minutes(1))) func deployedSchemasAreBroughtUpToDate() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: "mail.orders", of: "mail", keys: [Placed.type])
        let migrator = Migrator(pool: surroundings.pool, logger: surroundings.logger)
        try await migrator.migrate([OutboxTable.migration, Inbox.migration])
        try await migrator.migrate([one])
        let publish = """
            INSERT INTO signalbox_outbox (event_id, type, exchange, routing_key, headers, body)
            VALUES ($1, 'order.placed', 'shop.events', 'order.placed', '{"cloudEvents:dataversion": 1}', '\\x7b7d')
            """
        try await surroundings.pool.withConnection(deadline: .now + .seconds(10)) { connection in
            _ = try await connection.execute(publish, ["old"])
            _ = try await connection.execute("INSERT INTO signalbox_inbox (event_id, queue) VALUES ('seen', 'q')")
        }
        let application = try surroundings.application("order")
        application.migrate([one])
        try await surroundings.running(application) {
            #expect(try await surroundings.take(from: "mail.orders").properties.messageID == "old")
            _ = try await surroundings.pool.withConnection(deadline: .now + .seconds(10)) { try await $0.execute(publish, ["old again"]) }
            #expect(try await surroundings.take(from: "mail.orders").properties.messageID == "old again")
            #expect(try await surroundings.count("SELECT count(*) FROM signalbox_inbox WHERE outcome = 'handled'") == 1)
        }
        await surroundings.close()
    }
}
