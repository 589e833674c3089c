import AMQP
import Foundation
@testable import ServiceKit
import Testing
import TestSupport

/// Figures, not verdicts: `SIGNALBOX_MEASURE=1 swift test -c release --filter MeasurementTests`. The database is as durable as in production.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["SIGNALBOX_MEASURE"] != nil))
struct MeasurementTests {
    private func surroundings() async throws -> Surroundings {
        let postgres = try await PrivatePostgreSQL.start()
        let surroundings = try await Surroundings(postgres: postgres)
        _ = try await surroundings.pool.withConnection(deadline: .now + .seconds(10)) { connection in
            try await connection.execute("ALTER SYSTEM SET fsync = on")
            try await connection.execute("ALTER SYSTEM SET full_page_writes = on")
            _ = try await connection.query("SELECT pg_reload_conf()")
        }
        try await eventually { try await surroundings.text("SHOW fsync") == "on" }
        return surroundings
    }

    /// Messages a second through an inbox, with a handler of one statement.
    @Test(arguments: ["one transaction a message, in series", "one transaction a message, six workers", "batches"])
    func inbox(_ kind: String) async throws {
        let surroundings = try await surroundings()
        let count = kind == "batches" ? 20_000 : 4000
        try await surroundings.declare(queue: "stock.orders", of: "stock", keys: [Placed.type])
        let publisher = try surroundings.publisher()
        let messages = try (0..<count).map {
            AMQPPublication(try Placed(order: "o\($0)", number: $0).message(), exchange: "", routingKey: "stock.orders")
        }
        // More at once the publisher would refuse.
        for start in stride(from: 0, to: count, by: 4000) {
            await publisher.publish(Array(messages[start..<start + 4000]), deadline: .now + .seconds(60)) { _ in }
            try await eventually(within: .seconds(60)) { try await surroundings.depth("stock.orders") == start + 4000 }
        }
        let application = try surroundings.application(
            "stock", queues: ["stock.orders": QueueSettings(prefetch: 512, retryExchange: "stock.retry")])
        application.migrate([OutboxInboxTests.table])
        application.handle(Placed.self, from: "stock.orders") { event, _, transaction in
            try await transaction.execute("INSERT INTO seen (subject, number) VALUES ($1, $2)", [event.order, event.number])
        }
        let isBatch = kind == "batches"
        try await WorkBoard.$batchSize.withValue(isBatch ? WorkBoard.batchSize : 1) {
            try await EventConsumer.$workers.withValue(kind.hasSuffix("series") ? 1 : EventConsumer.workers) {
                try await surroundings.running(application) {
                    let (from, begin) = (try await surroundings.count("SELECT count(*) FROM signalbox_inbox"), ContinuousClock.now)
                    try await eventually(within: .seconds(120)) {
                        try await surroundings.count("SELECT count(*) FROM signalbox_inbox") == count
                    }
                    print("inbox, \(kind): \(Int(Double(count - from) / begin.duration(to: .now).inSeconds)) messages/s")
                }
            }
        }
        await publisher.close()
        await surroundings.close()
    }

    @Test func outboxThroughput() async throws {
        let surroundings = try await surroundings()
        try await surroundings.declare(queue: "mail.orders", of: "mail", keys: [Placed.type])
        let count = 60_000
        let application = try surroundings.application("order")
        try await Migrator(pool: surroundings.pool, logger: surroundings.logger).migrate(ServiceApplication.ownMigrations)
        let body = String(repeating: "x", count: 1024)
        _ = try await surroundings.pool.withConnection(deadline: .now + .seconds(60)) {
            try await $0.execute(
                """
                INSERT INTO signalbox_outbox (event_id, type, exchange, routing_key, headers, body, ordering_key)
                SELECT 'e' || n, 'order.placed', 'shop.events', 'order.placed', '{"cloudEvents:dataversion": 1, "cloudEvents:id": "e"}',
                    convert_to($1, 'UTF8'), 'o' || n FROM generate_series(1, \(count)) AS n
                """, [body])
        }
        try await surroundings.running(application) {
            let (from, begin) = (try await surroundings.count("SELECT count(*) FROM signalbox_outbox"), ContinuousClock.now)
            try await eventually(within: .seconds(120)) {
                try await surroundings.count("SELECT count(*) FROM (SELECT 1 FROM signalbox_outbox LIMIT 1) AS r") == 0
            }
            print("outbox: \(Int(Double(from) / begin.duration(to: .now).inSeconds)) messages/s of 1 KiB")
        }
        let publisher = try surroundings.publisher()
        let message = AMQPMessage(properties: AMQPProperties(messageID: "x", type: Placed.type), body: Array(body.utf8))
        let begin = ContinuousClock.now
        // More at once the publisher would refuse; its window is full but for the chunks' ends.
        for _ in 0..<count / 3000 {
            let (done, settled) = (Latch(), PublicationCount())
            await publisher.publish(
                Array(repeating: AMQPPublication(message, exchange: Surroundings.exchange, routingKey: Placed.type), count: 3000),
                deadline: .now + .seconds(60)
            ) { outcomes in
                for outcome in outcomes {
                    #expect(outcome.error == nil)
                    settled.increment()
                }
                if settled.value == 3000 { done.trigger() }
            }
            await done.wait()
        }
        print("publisher alone: \(Int(Double(count) / begin.duration(to: .now).inSeconds)) messages/s")
        await publisher.close()
        await surroundings.close()
    }

    /// From a commit's return to the broker's confirm, one event at a time.
    @Test func commitToConfirm() async throws {
        let surroundings = try await surroundings()
        try await surroundings.declare(queue: "mail.orders", of: "mail", keys: [Placed.type])
        let application = try surroundings.application("order")
        var times: [Duration] = []
        try await surroundings.running(application) {
            let database = try application.database
            for number in 0..<400 {
                try await database.transaction { _ = try await $0.publish(Placed(order: "o", number: number)) }
                let begin = ContinuousClock.now
                while !application.parts.metrics.text.contains("signalbox_outbox_confirm_seconds_count \(number + 1)\n") {
                    try await Task.sleep(for: .microseconds(500))
                }
                times.append(begin.duration(to: .now))
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        let sorted = times.dropFirst(20).sorted()
        print("commit to confirmed and deleted, idle: p50 \(sorted[sorted.count / 2]), p99 \(sorted[sorted.count * 99 / 100])")
        await surroundings.close()
    }

    /// Messages of few keys that wait one behind the other in the table.
    @Test(arguments: [1, 5, 100]) func waitingChains(_ keys: Int) async throws {
        let surroundings = try await surroundings()
        try await surroundings.declare(queue: "stock.orders", of: "stock", keys: [Placed.type])
        try await Migrator(pool: surroundings.pool, logger: surroundings.logger).migrate(ServiceApplication.ownMigrations)
        let count = 1000
        let messages = try (0..<count).map { try Placed(order: "o\($0 % keys)", number: $0).message() }
        try await surroundings.pool.withConnection(deadline: .now + .seconds(30)) { connection in
            _ = try await connection.execute(
                WaitingTable.append,
                [
                    "stock.orders", (0..<count).map { "m\($0)" }, (0..<count).map { "o\($0 % keys)" }, messages.map { _ in Timestamp.now },
                    messages.map { _ in 0 }, messages.map { _ in String?.none }, messages.map { _ in Timestamp?.none },
                    messages.map { _ in "x" }, messages.map { _ in Placed.type },
                    try messages.map { try StoredProperties.text(of: $0.properties) }, messages.map(\.body),
                ])
        }
        let application = try surroundings.application("stock", queues: ["stock.orders": QueueSettings(retryExchange: "stock.retry")])
        application.migrate([Migration("1 seen", "CREATE TABLE seen_by (subject text, number int, transaction xid8)")])
        application.handle(Placed.self, from: "stock.orders") { event, _, transaction in
            try await transaction.execute(
                "INSERT INTO seen_by (subject, number, transaction) VALUES ($1, $2, pg_current_xact_id())", [event.order, event.number])
        }
        try await surroundings.running(application) {
            let (from, begin) = (try await surroundings.count("SELECT count(*) FROM seen_by"), ContinuousClock.now)
            try await eventually(within: .seconds(120)) { try await surroundings.count("SELECT count(*) FROM seen_by") == count }
            print(
                "waiting, \(keys) keys: \(Int(Double(count - from) / begin.duration(to: .now).inSeconds)) messages/s (\(count - from) of \(count)) in \(try await surroundings.count("SELECT count(DISTINCT transaction) FROM seen_by")) transactions"
            )
        }
        await surroundings.close()
    }
}
