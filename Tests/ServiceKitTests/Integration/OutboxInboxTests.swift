import AMQP
import Foundation
import Postgres
@testable import ServiceKit
import Testing
import TraceStore
import TestSupport

struct OutboxInboxTests {
    static let table = Migration("1 seen", "CREATE TABLE seen (id bigserial PRIMARY KEY, subject text NOT NULL, number int NOT NULL)")

    /// Three times each message, effects once; and what a handler publishes follows from its commit.
    @Test(.timeLimit(.minutes(2))) func effectsHappenOnce() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: "stock.orders", of: "stock", keys: [Placed.type])
        try await surroundings.declare(queue: "mail.stock", of: "mail", keys: [Reserved.type])
        let application = try surroundings.application(
            "stock", queues: ["stock.orders": QueueSettings(prefetch: 16, retryExchange: "stock.retry")])
        application.migrate([Self.table])
        application.handle(Placed.self, from: "stock.orders") { event, _, transaction in
            try await transaction.execute("INSERT INTO seen (subject, number) VALUES ($1, $2)", [event.order, event.number])
            try await transaction.publish(Reserved(order: event.order))
        }
        let count = 40
        try await surroundings.running(application) {
            let publisher = try surroundings.publisher()
            for number in 0..<count {
                let message = try Placed(order: "o\(number)", number: number).message()
                for _ in 0..<3 {
                    try await publisher.publish(message, to: Surroundings.exchange, routingKey: Placed.type, deadline: .now + .seconds(10))
                }
            }
            try await eventually(within: Surroundings.patience) {
                let duplicates = application.parts.metrics.text.contains(
                    "signalbox_events_duplicate_total{queue=\"stock.orders\",type=\"order.placed\"} \(count * 2)\n")
                return try await surroundings.count("SELECT count(*) FROM seen") == count && duplicates
            }
            await publisher.close()
            try await eventually { try await surroundings.count("SELECT count(*) FROM signalbox_outbox") == 0 }
        }
        #expect(try await surroundings.count("SELECT count(DISTINCT subject) FROM seen") == count)
        #expect(try await surroundings.count("SELECT count(*) FROM signalbox_inbox") == count)
        let consumer = AMQPConsumer(configuration: try surroundings.configuration("count"), logger: surroundings.logger)
        var subjects: Set<String> = []
        for await delivery in try await consumer.consume(queue: "mail.stock", prefetch: 100) {
            let metadata = try EventCodec.metadata(of: delivery.message, routingKey: delivery.routingKey)
            #expect(metadata.source == "/\(surroundings.virtualHost)/stock")
            #expect(SpanContext(traceparent: metadata.traceparent) != nil)
            #expect(subjects.insert(metadata.subject).inserted)
            await delivery.ack()
            if subjects.count == count { break }
        }
        await consumer.close()
        await surroundings.close()
    }

    @Test(.timeLimit(.minutes(1))) func nothingIsPublishedWithoutItsCommit() async throws {
        struct Refused: Error {}
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: "mail.orders", of: "mail", keys: [Placed.type])
        let application = try surroundings.application("order")
        try await surroundings.running(application) {
            let database = try application.database
            await #expect(throws: Refused.self) {
                try await database.transaction { transaction in
                    try await transaction.publish(Placed(order: "never", number: 0))
                    throw Refused()
                }
            }
            try await database.transaction { _ = try await $0.publish(Placed(order: "committed", number: 1)) }
            let message = try await surroundings.take(from: "mail.orders")
            #expect(try JSONDecoder().decode(Placed.self, from: Data(message.body)) == Placed(order: "committed", number: 1))
        }
        await surroundings.close()
    }

    /// The relay publishes in the order of the commits, and handlers see one subject's events in that order.
    @Test(.timeLimit(.minutes(2))) func eventsOfOneSubjectKeepTheirOrder() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: "stock.orders", of: "stock", keys: [Placed.type])
        let sender = try surroundings.application("order")
        let receiver = try surroundings.application(
            "stock", queues: ["stock.orders": QueueSettings(prefetch: 32, immediate: 3, retryExchange: "stock.retry")])
        receiver.migrate([Self.table])
        let failing = FailOnce()
        receiver.handle(Placed.self, from: "stock.orders") { event, metadata, transaction in
            // An attempt that fails must not let the subject's next event by.
            if event.number % 7 == 3 { try failing.fail(metadata.id) }
            try await transaction.execute("INSERT INTO seen (subject, number) VALUES ($1, $2)", [event.order, event.number])
        }
        let (subjects, each) = (5, 60)
        try await surroundings.running(sender) {
            try await surroundings.running(receiver) {
                let database = try sender.database
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for subject in 0..<subjects {
                        group.addTask {
                            for number in 0..<each {
                                try await database.transaction { _ = try await $0.publish(Placed(order: "s\(subject)", number: number)) }
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                try await eventually(within: Surroundings.patience) {
                    try await surroundings.count("SELECT count(*) FROM seen") == subjects * each
                }
            }
        }
        let outOfOrder = try await surroundings.count(
            "SELECT count(*) FROM (SELECT number, lag(number) OVER (PARTITION BY subject ORDER BY id) AS before FROM seen) AS pairs WHERE before >= number"
        )
        #expect(outOfOrder == 0)
        await surroundings.close()
    }

    /// An event for which there is no queue waits, while others pass; once there is one, it goes.
    @Test(.timeLimit(.minutes(1))) func theUnroutableHoldsNobodyUp() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: "mail.orders", of: "mail", keys: [Placed.type])
        let application = try surroundings.application("order")
        try await surroundings.running(application) {
            let database = try application.database
            try await database.transaction { transaction in
                try await transaction.publish(Reserved(order: "nobody listens"))
                try await transaction.publish(Placed(order: "o", number: 1))
            }
            _ = try await surroundings.take(from: "mail.orders")
            try await eventually { try await surroundings.count("SELECT count(*) FROM signalbox_outbox WHERE attempts > 0") == 1 }
            try await surroundings.declare(queue: "mail.stock", of: "mail", keys: [Reserved.type])
            let message = try await surroundings.take(from: "mail.stock")
            #expect(message.properties.type == Reserved.type)
            try await eventually { try await surroundings.count("SELECT count(*) FROM signalbox_outbox") == 0 }
            // One attempt before it is parked.
            try await surroundings.manage("DELETE", "/api/queues/\(surroundings.virtualHost)/mail.stock")
            try await surroundings.pool.withConnection(deadline: .now + .seconds(5)) { connection in
                _ = try await connection.execute(
                    "ALTER TABLE signalbox_outbox ALTER attempts SET DEFAULT \(OutboxPipeline.maximumAttempts - 1)")
            }
            try await database.transaction { _ = try await $0.publish(Reserved(order: "parked")) }
            try await eventually { try await surroundings.count("SELECT count(*) FROM signalbox_outbox_parked") == 1 }
            #expect(try await surroundings.count("SELECT count(*) FROM signalbox_outbox") == 0)
        }
        await surroundings.close()
    }

    /// Two instances: one relays, and when it is gone the other does.
    @Test(.timeLimit(.minutes(1))) func oneInstanceRelaysAndAnotherTakesOver() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: "mail.orders", of: "mail", keys: [Placed.type])
        let first = try surroundings.application("order")
        let second = try surroundings.application("order") { $0.instance = 2 }
        func leads(_ application: ServiceApplication) -> Bool {
            application.parts.metrics.text.contains("signalbox_outbox_relay_leader 1\n")
        }
        try await surroundings.running(second) {
            try await surroundings.running(first) {
                try await eventually { leads(first) || leads(second) }
                #expect(leads(first) != leads(second))
                for application in [first, second] {
                    let database = try application.database
                    try await database.transaction {
                        _ = try await $0.publish(Placed(order: "o", number: application.environment.instance))
                    }
                    let message = try await surroundings.take(from: "mail.orders")
                    #expect(try JSONDecoder().decode(Placed.self, from: Data(message.body)).number == application.environment.instance)
                }
                #expect(leads(first) != leads(second))
            }
            try await eventually { leads(second) }
            let database = try second.database
            try await database.transaction { _ = try await $0.publish(Placed(order: "o", number: 3)) }
            _ = try await surroundings.take(from: "mail.orders")
        }
        await surroundings.close()
    }

    /// What was committed just before the stop is brought to the broker.
    @Test(.timeLimit(.minutes(1))) func shutdownFlushesTheOutbox() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: "mail.orders", of: "mail", keys: [Placed.type])
        let application = try surroundings.application("order")
        try await surroundings.running(application) {
            let database = try application.database
            try await database.transaction { transaction in
                for number in 0..<1200 { try await transaction.publish(Placed(order: "o\(number)", number: number)) }
            }
        }
        #expect(try await surroundings.count("SELECT count(*) FROM signalbox_outbox") == 0)
        await surroundings.close()
    }
}
