import AMQP
import Foundation
@testable import ServiceKit
import Testing
import TestSupport

/// What the broker does not take keeps back those of its subject, and nobody else.
struct OutboxOrderTests {
    private func publish(_ range: ClosedRange<Int>, _ subjects: [String], _ application: ServiceApplication) async throws {
        try await application.database.transaction(within: .seconds(60)) { transaction in
            for number in range {
                for subject in subjects { try await transaction.publish(Placed(order: subject, number: number)) }
            }
        }
    }

    private func numbers(_ queue: String, _ count: Int, _ surroundings: Surroundings) async throws -> [String: [Int]] {
        var numbers: [String: [Int]] = [:]
        let consumer = AMQPConsumer(configuration: try surroundings.configuration("numbers"), logger: surroundings.logger)
        var left = count
        for await delivery in try await consumer.consume(queue: queue, prefetch: 100) {
            let event = try JSONDecoder().decode(Placed.self, from: Data(delivery.message.body))
            numbers[event.order, default: []].append(event.number)
            await delivery.ack()
            left -= 1
            if left == 0 { break }
        }
        await consumer.close()
        return numbers
    }

    @Test(.timeLimit(.minutes(2))) func aQueueThatIsFullHoldsNobodyElseUp() async throws {
        let surroundings = try await Surroundings()
        // A classic queue refuses exactly.
        try await surroundings.manage("PUT", "/api/queues/\(surroundings.virtualHost)/full", #"{"durable": true}"#)
        try await surroundings.manage(
            "POST", "/api/bindings/\(surroundings.virtualHost)/e/\(Surroundings.exchange)/q/full", #"{"routing_key": "\#(Placed.type)"}"#)
        try await surroundings.manage(
            "PUT", "/api/policies/\(surroundings.virtualHost)/full",
            #"{"pattern": "^full$", "definition": {"max-length": 0, "overflow": "reject-publish"}}"#)
        try await surroundings.declare(queue: "free", of: "mail", keys: [Reserved.type])
        let application = try surroundings.application("order")
        try await surroundings.running(application) {
            // More than fit into the window.
            try await publish(1...300, ["a", "b", "c"], application)
            try await application.database.transaction { transaction in
                for number in 0..<50 { try await transaction.publish(Reserved(order: "r\(number)")) }
            }
            try await eventually(within: .seconds(40)) { try await surroundings.depth("free") == 50 }
            #expect(try await surroundings.count("SELECT count(*) FROM signalbox_outbox") == 900)
            #expect(try await surroundings.count("SELECT count(*) FROM signalbox_outbox WHERE refusals > 0") == 3)
            try await surroundings.manage("DELETE", "/api/policies/\(surroundings.virtualHost)/full")
            let numbers = try await numbers("full", 900, surroundings)
            for subject in ["a", "b", "c"] { #expect(numbers[subject] == Array(1...300)) }
            try await eventually { try await surroundings.count("SELECT count(*) FROM signalbox_outbox") == 0 }
            #expect(try await surroundings.count("SELECT count(*) FROM signalbox_outbox_parked") == 0)
        }
        await surroundings.close()
    }

    @Test(.timeLimit(.minutes(2))) func laterOnesOfASubjectWaitForTheUnroutable() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: "mail.stock", of: "mail", keys: [Reserved.type])
        let application = try surroundings.application("order")
        try await surroundings.running(application) {
            try await application.database.transaction { transaction in
                try await transaction.publish(Placed(order: "k", number: 1))
                try await transaction.publish(Reserved(order: "k"))
                try await transaction.publish(Reserved(order: "other"))
            }
            let other = try await surroundings.take(from: "mail.stock")
            #expect(other.properties.headers["cloudEvents:subject"] == "other")
            #expect(try await surroundings.count("SELECT count(*) FROM signalbox_outbox") == 2)
            try await surroundings.declare(queue: "mail.orders", of: "mail", keys: [Placed.type])
            _ = try await surroundings.take(from: "mail.orders")
            let later = try await surroundings.take(from: "mail.stock")
            #expect(later.properties.headers["cloudEvents:subject"] == "k")
        }
        await surroundings.close()
    }
}
