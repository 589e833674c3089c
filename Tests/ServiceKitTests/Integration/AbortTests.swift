import AMQP
import Foundation
@testable import ServiceKit
import Testing
import TestSupport

/// The process ends where it hurts most: nothing happens twice.
struct AbortTests {
    /// Forwards everything but the acknowledgements.
    private struct Unacknowledging: MessageConsuming {
        let consumer: AMQPConsumer

        func consume(queue: String, prefetch: Int) async throws(AMQPError) -> AMQPDeliveries {
            let real = try await consumer.consume(queue: queue, prefetch: prefetch)
            let (deliveries, source) = AMQPDeliveries.makeStream(queue: queue, id: real.id)
            Task {
                for await delivery in real {
                    source.deliver(
                        AMQPDelivery(
                            message: delivery.message, exchange: delivery.exchange, routingKey: delivery.routingKey, queue: queue,
                            isRedelivered: delivery.isRedelivered, settle: { _ in }))
                }
                source.finish()
            }
            return deliveries
        }

        func cancel(_ deliveries: AMQPDeliveries) async {}
        func cancelAll() async {}
        func release(_ deliveries: AMQPDeliveries) async {}
        var isConsuming: Bool { get async { await consumer.isConsuming } }
        func close() async { await consumer.close() }
    }

    /// Publishes, and never says so.
    private struct Silent: MessagePublishing {
        let publisher: AMQPPublisher

        func publish(
            _ message: AMQPMessage, to exchange: String, routingKey: String, deadline: ContinuousClock.Instant
        ) async throws(AMQPError) {
            try await publisher.publish(message, to: exchange, routingKey: routingKey, deadline: deadline)
        }

        func publish(
            _ batch: [AMQPPublication], deadline: ContinuousClock.Instant, settled: @escaping @Sendable ([AMQPOutcome]) -> Void
        ) async {
            await publisher.publish(batch, deadline: deadline) { _ in }
        }

        var isConnected: Bool { get async { await publisher.isConnected } }
        func close() async { await publisher.close() }
    }

    @Test(.timeLimit(.minutes(1))) func betweenCommitAndAcknowledgement() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: "stock.orders", of: "stock", keys: [Placed.type])
        try await surroundings.declare(queue: "mail.stock", of: "mail", keys: [Reserved.type])
        func application(_ broker: ServiceBroker?) throws -> ServiceApplication {
            let environment = try surroundings.environment(
                "stock", queues: ["stock.orders": QueueSettings(prefetch: 64, immediate: 0, retryExchange: "stock.retry")])
            let application = try ServiceApplication(environment: environment, logger: surroundings.logger, broker: broker)
            application.migrate([OutboxInboxTests.table])
            application.handle(Placed.self, from: "stock.orders") { event, _, transaction in
                if event.number == 13 { throw ServiceProblem(status: 422, title: "Refused") }
                try await transaction.execute("INSERT INTO seen (subject, number) VALUES ($1, $2)", [event.order, event.number])
                try await transaction.publish(Reserved(order: event.order))
            }
            return application
        }
        let configuration = try surroundings.configuration("unacknowledging")
        let broker = ServiceBroker(
            publisher: AMQPPublisher(configuration: configuration, logger: surroundings.logger),
            consumer: Unacknowledging(consumer: AMQPConsumer(configuration: configuration, logger: surroundings.logger)))
        let count = 30
        let first = try application(broker)
        async let running: Void = first.run(stoppingOn: [], grace: .seconds(1))
        try await surroundings.ready(first)
        try await surroundings.publish(try (0..<count).map { try Placed(order: "o\($0)", number: $0).message() })
        try await eventually { try await surroundings.count("SELECT count(*) FROM signalbox_inbox") == count }
        try await surroundings.kill(first)
        try await running
        let second = try application(nil)
        try await surroundings.running(second) {
            try await eventually {
                second.parts.metrics.text.contains(
                    "signalbox_events_duplicate_total{queue=\"stock.orders\",type=\"order.placed\"} \(count)\n")
            }
            try await eventually { try await surroundings.count("SELECT count(*) FROM signalbox_outbox") == 0 }
        }
        #expect(try await surroundings.count("SELECT count(*) FROM seen") == count - 1)
        #expect(try await surroundings.depth("stock.orders.dead") == 1)
        await surroundings.close()
    }

    @Test(.timeLimit(.minutes(1))) func betweenPublishAndDeletion() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: "stock.orders", of: "stock", keys: [Placed.type])
        let configuration = try surroundings.configuration("silent")
        let broker = ServiceBroker(
            publisher: Silent(publisher: AMQPPublisher(configuration: configuration, logger: surroundings.logger)),
            consumer: AMQPConsumer(configuration: configuration, logger: surroundings.logger))
        let first = try ServiceApplication(
            environment: try surroundings.environment("order"), logger: surroundings.logger, broker: broker)
        async let running: Void = first.run(stoppingOn: [], grace: .seconds(1))
        try await surroundings.ready(first)
        let count = 20
        try await first.database.transaction { transaction in
            for number in 0..<count { try await transaction.publish(Placed(order: "o\(number)", number: number)) }
        }
        try await eventually { try await surroundings.depth("stock.orders") == count }
        try await surroundings.kill(first)
        try await running
        #expect(try await surroundings.count("SELECT count(*) FROM signalbox_outbox") == count)
        try await surroundings.running(try surroundings.application("order") { $0.instance = 2 }) {
            try await eventually { try await surroundings.depth("stock.orders") == 2 * count }
            try await eventually { try await surroundings.count("SELECT count(*) FROM signalbox_outbox") == 0 }
        }
        let receiver = try surroundings.application("stock", queues: ["stock.orders": QueueSettings(retryExchange: "stock.retry")])
        receiver.migrate([OutboxInboxTests.table])
        receiver.handle(Placed.self, from: "stock.orders") { event, _, transaction in
            try await transaction.execute("INSERT INTO seen (subject, number) VALUES ($1, $2)", [event.order, event.number])
        }
        try await surroundings.running(receiver) {
            try await eventually {
                receiver.parts.metrics.text.contains(
                    "signalbox_events_duplicate_total{queue=\"stock.orders\",type=\"order.placed\"} \(count)\n")
            }
        }
        #expect(try await surroundings.count("SELECT count(*) FROM seen") == count)
        #expect(try await surroundings.count("SELECT count(DISTINCT number) FROM seen") == count)
        await surroundings.close()
    }
}
