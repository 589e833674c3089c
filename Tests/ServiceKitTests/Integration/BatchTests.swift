import AMQP
import Foundation
import Postgres
@testable import ServiceKit
import Testing
import TestSupport

/// Many messages in one transaction, each on its own.
struct BatchTests {
    private static let queue = "stock.orders"
    private static let settings = QueueSettings(prefetch: 100, immediate: 0, retryExchange: "stock.retry")

    private func run(
        _ count: Int, tables: String = "SELECT 1", settings: QueueSettings = settings,
        _ handle: @escaping @Sendable (Placed, EventMetadata, Transaction) async throws -> Void,
        until: @escaping (Surroundings) async throws -> Bool, check: (Surroundings, ServiceApplication) async throws -> Void
    ) async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: Self.queue, of: "stock", keys: [Placed.type])
        try await surroundings.publish(try (0..<count).map { try Placed(order: "o\($0)", number: $0).message() })
        let application = try surroundings.application("stock", queues: [Self.queue: settings])
        application.migrate([OutboxInboxTests.table, Migration("2 own", tables)])
        application.handle(Placed.self, from: Self.queue) { event, metadata, transaction in
            try await handle(event, metadata, transaction)
            try await transaction.execute("INSERT INTO seen (subject, number) VALUES ($1, $2)", [event.order, event.number])
        }
        // However slow the machine is: as many as there are in one transaction.
        try await WorkBoard.$budget.withValue(.seconds(5)) {
            try await surroundings.running(application) {
                try await eventually(within: .seconds(40)) { try await until(surroundings) }
                try await check(surroundings, application)
            }
        }
        await surroundings.close()
    }

    @Test(.timeLimit(.minutes(2))) func oneBadOfFiftyHarmsOnlyItself() async throws {
        try await run(50, tables: "CREATE TABLE seen_by (transaction xid8)") { event, _, transaction in
            try await transaction.execute("INSERT INTO seen_by VALUES (pg_current_xact_id())")
            try await transaction.execute("INSERT INTO seen (subject, number) VALUES ('before the failure', -1)")
            if event.number == 25 { try await transaction.execute("SELECT 1 / 0") }
            try await transaction.execute("DELETE FROM seen WHERE subject = 'before the failure' AND number = -1")
        } until: { surroundings in
            try await surroundings.count("SELECT count(*) FROM signalbox_inbox") == 50
        } check: { surroundings, application in
            try await surroundings.expect(49, "SELECT count(*) FROM seen")
            try await surroundings.expect(0, "SELECT count(*) FROM seen WHERE number IN (-1, 25)")
            try await surroundings.expect(1, "SELECT count(*) FROM signalbox_inbox WHERE outcome = 'dead'")
            let dead = try await surroundings.take(from: "\(Self.queue).dead")
            #expect(dead.properties.headers["signalbox-cause"]?.string?.contains("22012") == true)
            try await surroundings.expect(1, "SELECT (count(DISTINCT transaction) < 10)::int FROM seen_by")
            #expect(
                application.parts.metrics.text.contains("signalbox_events_failed_total{queue=\"stock.orders\",type=\"order.placed\"} 1\n"))
        }
    }

    /// A constraint that is checked at the commit: all are rolled back, and each is handled again alone.
    @Test(.timeLimit(.minutes(2))) func aFailingCommitHarmsOnlyWhoCausedIt() async throws {
        let tables = """
            CREATE TABLE known (number int PRIMARY KEY); INSERT INTO known SELECT generate_series(0, 29);
            CREATE TABLE bound (number int REFERENCES known DEFERRABLE INITIALLY DEFERRED)
            """
        try await run(30, tables: tables) { event, _, transaction in
            try await transaction.execute("INSERT INTO bound VALUES ($1)", [event.number == 11 ? 1000 : event.number])
        } until: { surroundings in
            try await surroundings.count("SELECT count(*) FROM signalbox_inbox") == 30
        } check: { surroundings, _ in
            try await surroundings.expect(29, "SELECT count(*) FROM seen")
            try await surroundings.expect(29, "SELECT count(*) FROM bound")
            let dead = try await surroundings.take(from: "\(Self.queue).dead")
            #expect(dead.properties.headers["signalbox-cause"]?.string?.contains("23503") == true)
        }
    }

    /// A statement failed, and the handler does not say so.
    @Test(.timeLimit(.minutes(2))) func anErrorThatIsSwallowedIsAFailure() async throws {
        try await run(20) { event, _, transaction in
            if event.number == 3 { _ = try? await transaction.execute("INSERT INTO nowhere VALUES (1)") }
        } until: { surroundings in
            try await surroundings.count("SELECT count(*) FROM signalbox_inbox") == 20
        } check: { surroundings, _ in
            try await surroundings.expect(19, "SELECT count(*) FROM seen")
            try await surroundings.expect(1, "SELECT count(*) FROM signalbox_inbox WHERE outcome = 'dead'")
        }
    }

    /// Each handler locks its rows in one order; a batch of them does not. Batches give way to each other, and nobody pays with an attempt.
    @Test(.timeLimit(.minutes(2))) func batchesThatContendGiveWay() async throws {
        let tables = "CREATE TABLE stock (product int PRIMARY KEY, left_over int); INSERT INTO stock SELECT generate_series(0, 3), 0"
        try await run(120, tables: tables) { event, _, transaction in
            for product in [event.number % 4, (event.number + 1 + event.number / 4 % 3) % 4].sorted() {
                try await transaction.execute("UPDATE stock SET left_over = left_over - 1 WHERE product = $1", [product])
            }
        } until: { surroundings in
            try await surroundings.count("SELECT count(*) FROM signalbox_inbox") == 120
        } check: { surroundings, application in
            try await surroundings.expect(120, "SELECT count(*) FROM seen")
            try await surroundings.expect(240, "SELECT -sum(left_over)::int FROM stock")
            #expect(!application.parts.metrics.text.contains("signalbox_events_failed_total{"))
        }
    }

    /// Replays: a dead letter that comes back is handled once for each replay, and one that was handled not at all.
    @Test(.timeLimit(.minutes(2))) func aReplayIsHandledOnce() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: Self.queue, of: "stock", keys: [Placed.type])
        let application = try surroundings.application("stock", queues: [Self.queue: Self.settings])
        application.migrate([OutboxInboxTests.table])
        let failing = FailOnce()
        application.handle(Placed.self, from: Self.queue) { event, metadata, transaction in
            try await transaction.execute("INSERT INTO seen (subject, number) VALUES ($1, $2)", [event.order, event.number])
            try failing.fail(metadata.id, times: 2)
        }
        try await surroundings.running(application) {
            var message = try Placed(order: "o", number: 1).message(id: "m")
            func deliver(_ replay: String?, attempts: Int, outcome: String, duplicates: Int) async throws {
                message.properties.headers["signalbox-replay"] = replay.map { .string($0) }
                try await surroundings.publish([message])
                try await eventually {
                    let text = application.parts.metrics.text
                    let counted =
                        duplicates == 0
                        || text.contains("signalbox_events_duplicate_total{queue=\"stock.orders\",type=\"order.placed\"} \(duplicates)\n")
                    let rows = try await surroundings.count("SELECT count(*) FROM signalbox_inbox WHERE outcome = '\(outcome)'")
                    return counted && failing.attempts("m") == attempts && rows == 1
                }
            }
            try await deliver(nil, attempts: 1, outcome: "dead", duplicates: 0)
            try await deliver(nil, attempts: 1, outcome: "dead", duplicates: 1)
            try await deliver("first", attempts: 2, outcome: "dead", duplicates: 1)
            try await deliver("first", attempts: 2, outcome: "dead", duplicates: 2)
            try await deliver("second", attempts: 3, outcome: "handled", duplicates: 2)
            try await deliver("second", attempts: 3, outcome: "handled", duplicates: 3)
            try await deliver("third", attempts: 3, outcome: "handled", duplicates: 4)
            #expect(try await surroundings.count("SELECT count(*) FROM seen") == 1)
            try await eventually { try await surroundings.depth("\(Self.queue).dead") == 2 }
        }
        await surroundings.close()
    }
}
