import AMQP
import Foundation
@testable import ServiceKit
import Testing
import TestSupport

struct RetryTests {
    private static let settings = QueueSettings(
        prefetch: 8, immediate: 1, delays: [.milliseconds(200), .milliseconds(400)], retryExchange: "stock.retry")

    private func publish(_ message: AMQPMessage, to surroundings: Surroundings, routingKey: String = Placed.type) async throws {
        let publisher = try surroundings.publisher()
        try await publisher.publish(message, to: Surroundings.exchange, routingKey: routingKey, deadline: .now + .seconds(10))
        await publisher.close()
    }

    @Test(.timeLimit(.minutes(1))) func throughTheLadderToTheDeadLetters() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: "stock.orders", of: "stock", keys: [Placed.type], delays: Self.settings.delays)
        let application = try surroundings.application("stock", queues: ["stock.orders": Self.settings])
        let failing = FailOnce()
        application.handle(Placed.self, from: "stock.orders") { _, metadata, _ in
            try failing.fail("\(metadata.id) attempt \(metadata.attempt)", times: .max)
        }
        try await surroundings.running(application) {
            try await publish(try Placed(order: "o", number: 1).message(id: "poison"), to: surroundings)
            let dead = try await surroundings.take(from: "stock.orders.dead")
            #expect(dead.properties.messageID == "poison")
            #expect(dead.properties.type == Placed.type)
            #expect(dead.properties.headers["signalbox-attempts"] == 4)
            #expect(dead.properties.headers["signalbox-origin-queue"] == "stock.orders")
            #expect(dead.properties.headers["signalbox-cause"]?.string?.contains("Failure") == true)
            #expect(dead.properties.headers["signalbox-first-failed-at"]?.string.flatMap { Timestamp($0) } != nil)
            #expect(try JSONDecoder().decode(Placed.self, from: Data(dead.body)) == Placed(order: "o", number: 1))
            // One and one more at once, then one after each of the two delays; each attempt once.
            #expect((1...5).map { failing.attempts("poison attempt \($0)") } == [1, 1, 1, 1, 0])
        }
        #expect(try await surroundings.count("SELECT count(*) FROM signalbox_inbox WHERE outcome = 'dead'") == 1)
        #expect(try await surroundings.count("SELECT count(*) FROM signalbox_waiting") == 0)
        await surroundings.close()
    }

    @Test(.timeLimit(.minutes(1))) func aLaterAttemptMaySucceed() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: "stock.orders", of: "stock", keys: [Placed.type], delays: Self.settings.delays)
        let application = try surroundings.application("stock", queues: ["stock.orders": Self.settings])
        application.migrate([OutboxInboxTests.table])
        let failing = FailOnce()
        application.handle(Placed.self, from: "stock.orders") { event, metadata, transaction in
            try await transaction.execute("INSERT INTO seen (subject, number) VALUES ($1, $2)", [event.order, metadata.attempt])
            try failing.fail(metadata.id, times: 3)
        }
        try await surroundings.running(application) {
            try await publish(try Placed(order: "o", number: 1).message(id: "late"), to: surroundings)
            try await eventually { try await surroundings.count("SELECT count(*) FROM seen WHERE number = 4") == 1 }
        }
        #expect(try await surroundings.count("SELECT count(*) FROM seen") == 1)
        await surroundings.close()
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: ["refused", "undecodable", "unknown type", "no id"])
    func permanentFailuresGoToTheDeadLettersAtOnce(_ kind: String) async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: "stock.orders", of: "stock", keys: ["#"], delays: Self.settings.delays)
        let application = try surroundings.application("stock", queues: ["stock.orders": Self.settings])
        application.handle(Placed.self, from: "stock.orders") { _, _, _ in
            throw ServiceProblem(status: 422, title: "Unknown product")
        }
        var message = try Placed(order: "o", number: 1).message(id: "m")
        var routingKey = Placed.type
        let cause: String
        switch kind {
        case "refused": cause = "422 Unknown product"
        case "undecodable":
            message.body = Array(#"{"order": 1}"#.utf8)
            cause = "The event 'order.placed' is not as expected: order: expected a string"
        case "unknown type":
            message.properties.type = "it.never"
            routingKey = "it.never"
            cause = "No handler for events of type 'it.never' on queue 'stock.orders'"
        default:
            message = AMQPMessage(properties: AMQPProperties(type: Placed.type), body: message.body)
            cause = "422"
        }
        try await surroundings.running(application) {
            try await publish(message, to: surroundings, routingKey: routingKey)
            let dead = try await surroundings.take(from: "stock.orders.dead")
            #expect(dead.properties.headers["signalbox-cause"]?.string?.contains(cause) == true, "\(dead.properties.headers)")
            #expect(dead.properties.headers["signalbox-attempts"] == 1)
        }
        await surroundings.close()
    }
}
