import Testing
import TestSupport

@testable import AMQP

struct ReleaseTests {
    @Test func whatAReleasedConsumerHeldComesToTheNextOneInOrder() async throws {
        try await Broker.withShared { broker in
            // Without a delivery limit RabbitMQ 3.10 puts back what was returned behind what waits.
            try await broker.tool.declareQueue(
                "q", arguments: ["x-queue-type": "quorum", "x-single-active-consumer": true, "x-delivery-limit": 20])
            let publisher = await broker.publisher()
            let settled = Outcomes()
            await publisher.publish(
                (0..<50).map { AMQPPublication(AMQPMessage("\($0)"), exchange: "", routingKey: "q") }, deadline: soon,
                settled: settled.add)
            try await eventually { settled.all.count == 50 }

            let (first, second) = (await broker.consumer(), await broker.consumer())
            let deliveries = try await first.consume(queue: "q", prefetch: 20)
            try await eventually { await first.isConsuming }
            let next = try await second.consume(queue: "q", prefetch: 20)
            try await eventually { await second.isConsuming }
            var taken: [AMQPDelivery] = []
            for number in 0..<8 {
                let delivery = try await deliveries.first()
                #expect(delivery.message.text == "\(number)")
                taken.append(delivery)
            }
            // It finishes some of what it has begun, and not in order.
            for number in [0, 1, 2, 4] { await taken[number].ack() }
            await first.release(deliveries)
            #expect(deliveries.takeAvailable() == nil)
            var iterator = deliveries.makeAsyncIterator()
            #expect(await iterator.next() == nil)
            // Too late, and harmless.
            await taken[3].ack()

            for number in [3] + Array(5..<50) {
                let delivery = try await next.first()
                #expect(delivery.message.text == "\(number)")
                await delivery.ack()
            }
            await first.release(deliveries)
        }
    }

    @Test func releasingOneSubscriptionLeavesTheOthers() async throws {
        try await Broker.withShared { broker in
            for queue in ["q", "other"] { try await broker.tool.declareQueue(queue) }
            let consumer = await broker.consumer()
            let released = try await consumer.consume(queue: "q", prefetch: 1)
            let kept = try await consumer.consume(queue: "other", prefetch: 1)
            try await eventually { await consumer.isConsuming }
            await consumer.release(released)
            try await broker.publisher().publish(AMQPMessage("a"), to: "", routingKey: "other", deadline: soon)
            await (try kept.first()).ack()
            #expect(try await broker.tool.inspectQueue("q") == (0, 0))
        }
    }

    @Test func releasingWithoutAConnectionEndsTheSequence() async throws {
        let configuration = try AMQPConfiguration(url: "amqp://a:b@127.0.0.1:\(freePort())", connectionName: "test")
        let consumer = AMQPConsumer(configuration: configuration, logger: .quiet)
        let deliveries = try await consumer.consume(queue: "q", prefetch: 1)
        await consumer.release(deliveries)
        var iterator = deliveries.makeAsyncIterator()
        #expect(await iterator.next() == nil)
        await consumer.close()
    }

    @Test func closingRightAfterAcknowledgingLosesNoAcknowledgement() async throws {
        try await Broker.withShared { broker in
            try await broker.declareQuorumQueue("q")
            let publisher = await broker.publisher()
            let settled = Outcomes()
            await publisher.publish(
                (0..<500).map { AMQPPublication(AMQPMessage("\($0)"), exchange: "", routingKey: "q") }, deadline: soon,
                settled: settled.add)
            try await eventually { settled.all.count == 500 }
            let consumer = await broker.consumer()
            let deliveries = try await consumer.consume(queue: "q", prefetch: 500)
            var taken: [AMQPDelivery] = []
            for _ in 0..<500 { taken.append(try await deliveries.first()) }
            // One by one, so that no acknowledgement stands for several.
            for delivery in taken.dropFirst() { await delivery.ack() }
            await consumer.close()
            try await eventually { try await broker.tool.inspectQueue("q") == (1, 0) }
        }
    }

    @Test func acknowledgementsInAnyOrderSettleWhatTheyName() async throws {
        try await Broker.withShared { broker in
            try await broker.declareQuorumQueue("q")
            let publisher = await broker.publisher()
            let settled = Outcomes()
            await publisher.publish(
                (0..<200).map { AMQPPublication(AMQPMessage("\($0)"), exchange: "", routingKey: "q") }, deadline: soon,
                settled: settled.add)
            let consumer = await broker.consumer()
            let deliveries = try await consumer.consume(queue: "q", prefetch: 200)
            var taken: [AMQPDelivery] = []
            for _ in 0..<200 { taken.append(try await deliveries.first()) }
            let kept: Set = [0, 77, 150]
            for index in taken.indices.shuffled() where !kept.contains(index) { await taken[index].ack() }
            await consumer.release(deliveries)
            // A quorum queue takes back what the channel held after that has been closed.
            try await eventually { try await broker.tool.inspectQueue("q").messages == kept.count }
        }
    }
}
