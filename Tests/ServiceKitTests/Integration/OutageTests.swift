import AMQP
import Foundation
@testable import ServiceKit
import Testing
import TestSupport

struct OutageTests {
    /// Database and broker are killed under a running service, one after the other. It reconnects by itself, no event is lost or counted
    /// twice, and no message pays for the outage with an attempt.
    @Test(.timeLimit(.minutes(5))) func aServiceOutlivesItsDatabaseAndItsBroker() async throws {
        let postgres = try await PrivatePostgreSQL.start()
        let broker = try await PrivateRabbitMQ.start()
        let surroundings = try await Surroundings(broker: broker, postgres: postgres)
        try await surroundings.declare(queue: "stock.orders", of: "stock", keys: [Placed.type])
        // Without attempts to spare a single one that the outage costs shows as a dead letter.
        let application = try surroundings.application(
            "stock", queues: ["stock.orders": QueueSettings(prefetch: 16, immediate: 0, retryExchange: "stock.retry")])
        application.migrate([OutboxInboxTests.table])
        application.handle(Placed.self, from: "stock.orders") { event, _, transaction in
            try await transaction.execute("INSERT INTO seen (subject, number) VALUES ($1, $2)", [event.order, event.number])
        }
        func seen(_ count: Int) async throws {
            try await eventually(within: .seconds(60), "\(count) events seen") {
                (try? await surroundings.count("SELECT count(*) FROM seen")) == count
            }
        }
        try await surroundings.running(application) {
            let publisher = try surroundings.publisher()
            func publish(_ numbers: Range<Int>) async throws {
                for number in numbers {
                    try await publisher.publish(
                        try Placed(order: "o\(number % 5)", number: number).message(), to: Surroundings.exchange, routingKey: Placed.type,
                        deadline: .now + .seconds(30))
                }
            }
            try await publish(0..<20)
            try await seen(20)

            try await postgres.kill()
            try await publish(20..<60)
            #expect(await !application.parts.checks().values.allSatisfy { $0 == nil })
            try await postgres.restart()
            try await seen(60)
            await publisher.close()

            try await broker.kill()
            let database = try application.database
            for number in 60..<80 {
                try await database.transaction { _ = try await $0.publish(Placed(order: "o\(number % 5)", number: number)) }
            }
            try await broker.restart()
            try await seen(80)
            try await eventually { try await surroundings.count("SELECT count(*) FROM signalbox_outbox") == 0 }
        }
        #expect(try await surroundings.count("SELECT count(DISTINCT number) FROM seen") == 80)
        let metrics = application.parts.metrics.text
        #expect(!metrics.contains("signalbox_events_failed_total{"))
        #expect(!metrics.contains("signalbox_events_dead_lettered_total{"))
        await surroundings.close()
        try await broker.stop()
        try await postgres.stop()
    }
}
