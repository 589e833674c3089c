import AMQP
import Logging
import TestSupport
import Topology

@testable import Gateway

/// A virtual host with the exchange for requests, and what a service does to answer them.
struct BusFixture {
    let broker: PrivateRabbitMQ
    let virtualHost: String
    let logger = Logger(label: "test")

    static func start(on broker: PrivateRabbitMQ, queues: [String]) async throws -> BusFixture {
        let fixture = BusFixture(broker: broker, virtualHost: try await broker.makeVirtualHost())
        let host = fixture.virtualHost
        try await broker.manage("PUT", "/api/exchanges/\(host)/\(Queue.requestExchangeName)", #"{"type": "direct", "durable": true}"#)
        for queue in queues {
            try await broker.manage("PUT", "/api/queues/\(host)/\(queue)", #"{"durable": true}"#)
            try await broker.manage(
                "POST", "/api/bindings/\(host)/e/\(Queue.requestExchangeName)/q/\(queue)", "{\"routing_key\": \"\(queue)\"}")
        }
        return fixture
    }

    func configuration(_ name: String) throws -> AMQPConfiguration {
        try AMQPConfiguration(url: broker.url(virtualHost: virtualHost), connectionName: name)
    }

    func bus() throws -> BrokerBus { BrokerBus(configuration: try configuration("gateway"), logger: logger) }

    /// Answers requests to `queue` while `body` runs.
    func answering(
        _ queue: String, _ answer: @escaping @Sendable (AMQPMessage) -> AMQPMessage?, _ body: () async throws -> Void
    ) async throws {
        let consumer = AMQPConsumer(configuration: try configuration("service"), logger: logger)
        let publisher = AMQPPublisher(configuration: try configuration("service"), logger: logger)
        let deliveries = try await consumer.consume(queue: queue, prefetch: 100)
        let serving = Task {
            for await delivery in deliveries {
                let request = delivery.message.properties
                if var reply = answer(delivery.message) {
                    reply.properties.correlationID = request.correlationID
                    try? await publisher.publish(reply, to: "", routingKey: request.replyTo ?? "", deadline: .now + .seconds(5))
                }
                await delivery.ack()
            }
        }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        await consumer.close()
        await publisher.close()
        await serving.value
        try result.get()
    }
}
