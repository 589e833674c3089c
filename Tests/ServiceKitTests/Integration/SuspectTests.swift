import AMQP
@testable import ServiceKit
import Synchronization
import Testing
import TestSupport

/// A message that ends the process whenever it is handled.
struct SuspectTests {
    private func neighboursAreSpared(_ surroundings: Surroundings, settings: QueueSettings, neighbours: Int) async throws -> Int {
        var deaths = 0
        var isOver = false
        while !isOver, deaths < 10 {
            let application = try surroundings.application("stock", queues: ["stock.orders": settings]) { $0.instance = deaths + 1 }
            application.migrate([OutboxInboxTests.table])
            let dies = Latch()
            application.handle(Placed.self, from: "stock.orders") { [weak application] event, _, transaction in
                if event.number == 7, let application {
                    dies.trigger()
                    try await surroundings.kill(application)
                    try await Task.sleep(for: .seconds(3600))
                }
                try await transaction.execute("INSERT INTO seen (subject, number) VALUES ($1, $2)", [event.order, event.number])
            }
            let running = Task { try await application.run(stoppingOn: [], grace: .milliseconds(300)) }
            try await eventually(within: .seconds(60)) {
                let isGivenUp = (try? await surroundings.depth("stock.orders.dead")) == 1
                let isDrained = (try? await surroundings.count("SELECT count(*) FROM seen")) == neighbours
                isOver = isGivenUp && isDrained
                return dies.isTriggered || isOver
            }
            if dies.isTriggered { deaths += 1 } else { application.shutdown() }
            try await running.value
        }
        return deaths
    }

    /// Such as when its process lost the database after it had noted the start, and another delivery brought the outcome.
    @Test(.timeLimit(.minutes(2))) func aNoteOfAMessageThatIsDoneWithIsRemoved() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: "stock.orders", of: "stock", keys: [Placed.type])
        let application = try surroundings.application(
            "stock", queues: ["stock.orders": QueueSettings(prefetch: 64, immediate: 2, retryExchange: "stock.retry")])
        application.handle(Placed.self, from: "stock.orders") { _, _, _ in }
        try await surroundings.publish([try Placed(order: "o", number: 1).message()])
        try await surroundings.running(application) {
            try await eventually { try await surroundings.count("SELECT count(*) FROM signalbox_inbox") == 1 }
            let notes = """
                INSERT INTO signalbox_suspects
                SELECT queue, event_id || suffix, 1, 'gone', clock_timestamp() - interval '1 minute'
                FROM signalbox_inbox, unnest(ARRAY['', '-not-done']) AS suffix RETURNING 1
                """
            #expect(try await surroundings.count("WITH noted AS (\(notes)) SELECT count(*) FROM noted") == 2)
            try await eventually { try await surroundings.count("SELECT count(*) FROM signalbox_suspects") == 1 }
            #expect(try await surroundings.count("SELECT count(*) FROM signalbox_suspects WHERE event_id LIKE '%-not-done'") == 1)
        }
        await surroundings.close()
    }

    @Test(.timeLimit(.minutes(3))) func theKillerIsGivenUpAndItsNeighboursAreNotBlamed() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: "stock.orders", of: "stock", keys: [Placed.type])
        try await surroundings.publish(try (0..<20).map { try Placed(order: "o\($0)", number: $0).message() })
        let settings = QueueSettings(prefetch: 64, immediate: 2, retryExchange: "stock.retry")
        let deaths = try await neighboursAreSpared(surroundings, settings: settings, neighbours: 19)
        // Twice in company, and then three times alone.
        #expect(deaths == MessageInHand.suspiciousDeliveries + SuspectTable.maximumStarts)
        let dead = try await surroundings.take(from: "stock.orders.dead")
        #expect(dead.properties.headers["signalbox-cause"]?.string?.contains("3 times without an outcome") == true)
        #expect(try await surroundings.count("SELECT count(*) FROM seen") == 19)
        #expect(try await surroundings.count("SELECT count(*) FROM signalbox_inbox WHERE outcome = 'dead'") == 1)
        #expect(try await surroundings.count("SELECT count(*) FROM signalbox_suspects") == 0)
        await surroundings.close()
    }

    /// The same from the table of waiting messages, where the broker counts nothing.
    @Test(.timeLimit(.minutes(3))) func aKillerThatWaitsIsGivenUpToo() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: "stock.orders", of: "stock", keys: [Placed.type])
        try await Migrator(pool: surroundings.pool, logger: surroundings.logger).migrate(ServiceApplication.ownMigrations)
        try await surroundings.pool.withConnection(deadline: .now + .seconds(10)) { connection in
            for number in 0..<12 {
                let message = try Placed(order: "o\(number)", number: number).message()
                _ = try await connection.execute(
                    WaitingTable.append,
                    [
                        "stock.orders", ["m\(number)"], ["o\(number)"], [Timestamp.now], [0], [String?.none], [Timestamp?.none], ["x"],
                        [Placed.type], [try StoredProperties.text(of: message.properties)], [message.body],
                    ])
            }
        }
        let settings = QueueSettings(prefetch: 64, immediate: 2, retryExchange: "stock.retry")
        let deaths = try await neighboursAreSpared(surroundings, settings: settings, neighbours: 11)
        #expect(deaths == MessageInHand.suspiciousDeliveries + SuspectTable.maximumStarts)
        #expect(try await surroundings.count("SELECT count(*) FROM seen") == 11)
        #expect(try await surroundings.count("SELECT count(*) FROM signalbox_waiting") == 0)
        await surroundings.close()
    }
}
