import Testing
import TestSupport

@testable import AMQP

struct ConsumerTests {
    private func publish(_ texts: [String], to queue: String, _ publisher: AMQPPublisher) async throws {
        for text in texts { try await publisher.publish(AMQPMessage(text), to: "", routingKey: queue, deadline: soon) }
    }

    @Test func aRejectedMessageComesAgainAndAnAcknowledgedOneDoesNot() async throws {
        try await Broker.withShared { broker in
            try await broker.declareQuorumQueue("q")
            try await publish(["a"], to: "q", broker.publisher())
            let deliveries = try await broker.consumer().consume(queue: "q", prefetch: 1)
            let first = try await deliveries.first()
            #expect(first.deliveryCount == nil)
            await first.reject(requeue: true)
            let second = try await deliveries.first()
            #expect(second.message.text == "a")
            #expect(second.isRedelivered)
            #expect(second.deliveryCount == 1)
            await second.ack()
            // A second settlement would make the broker close the channel.
            await second.ack()
            await first.ack()
            try await publish(["b"], to: "q", broker.publisher())
            let third = try await deliveries.first()
            #expect(third.message.text == "b")
            await third.ack()
        }
    }

    @Test func rejectingWithoutRequeueDeadLetters() async throws {
        try await Broker.withShared { broker in
            try await broker.tool.declareQueue("dead")
            try await broker.tool.declareQueue("q", arguments: ["x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"])
            try await publish(["a"], to: "q", broker.publisher())
            let consumer = await broker.consumer()
            try await consumer.consume(queue: "q", prefetch: 1).first().reject(requeue: false)
            let dead = try await consumer.consume(queue: "dead", prefetch: 1).first()
            #expect(dead.message.text == "a")
            #expect(dead.message.properties.headers["x-first-death-queue"] == "q")
            await dead.ack()
        }
    }

    @Test func prefetchBoundsWhatIsUnsettled() async throws {
        try await Broker.withShared { broker in
            try await broker.tool.declareQueue("q")
            try await publish((0..<5).map(String.init), to: "q", broker.publisher())
            let (one, other) = (await broker.consumer(), await broker.consumer())
            let held = try await one.consume(queue: "q", prefetch: 2)
            let first = try await held.first()
            let second = try await held.first()
            let rest = try await other.consume(queue: "q", prefetch: 10)
            for _ in 0..<3 { await (try rest.first()).ack() }
            await first.ack()
            await second.ack()
            #expect([first, second].map(\.message.text) == ["0", "1"])
        }
    }

    @Test func severalQueuesOnOneConnection() async throws {
        try await Broker.withShared { broker in
            let (consumer, publisher) = (await broker.consumer(), await broker.publisher())
            for number in 0..<20 { try await broker.tool.declareQueue("q\(number)") }
            let all = try await (0..<20).asyncMap { try await consumer.consume(queue: "q\($0)", prefetch: 5) }
            for number in 0..<20 { try await publish(["\(number)"], to: "q\(number)", publisher) }
            for (number, deliveries) in all.enumerated() {
                let delivery = try await deliveries.first()
                #expect(delivery.message.text == "\(number)")
                await delivery.ack()
            }
            #expect(await consumer.isConsuming)
        }
    }

    @Test func aQueueThatIsNotThereYetIsConsumedWhenItIs() async throws {
        try await Broker.withShared { broker in
            let consumer = await broker.consumer()
            let deliveries = try await consumer.consume(queue: "later", prefetch: 1)
            try await consumer.waitUntilConnected(deadline: soon)
            #expect(await !consumer.isConsuming)
            try await broker.tool.declareQueue("later")
            try await publish(["a"], to: "later", broker.publisher())
            await (try deliveries.first()).ack()
        }
    }

    @Test func aDeletedQueueIsConsumedAgainWhenItIsBack() async throws {
        try await Broker.withShared { broker in
            try await broker.tool.declareQueue("q")
            let consumer = await broker.consumer()
            let deliveries = try await consumer.consume(queue: "q", prefetch: 1)
            try await eventually { await consumer.isConsuming }
            try await broker.tool.deleteQueue("q")
            try await eventually { await !consumer.isConsuming }
            try await broker.tool.declareQueue("q")
            try await publish(["a"], to: "q", broker.publisher())
            await (try deliveries.first()).ack()
        }
    }

    @Test func cancellingGivesBackWhatWasNotTakenAndLetsTheRestBeSettled() async throws {
        try await Broker.withShared { broker in
            try await broker.tool.declareQueue("q")
            try await publish(["a", "b", "c"], to: "q", broker.publisher())
            let consumer = await broker.consumer()
            let deliveries = try await consumer.consume(queue: "q", prefetch: 10)
            let taken = try await deliveries.first()
            await consumer.cancel(deliveries)
            var iterator = deliveries.makeAsyncIterator()
            #expect(await iterator.next() == nil)
            let rest = try await broker.consumer().consume(queue: "q", prefetch: 10)
            for text in ["b", "c"] {
                let delivery = try await rest.first()
                #expect(delivery.message.text == text)
                await delivery.ack()
            }
            await taken.ack()
            await consumer.close()
            // Were it not acknowledged, it would come now.
            try await publish(["d"], to: "q", broker.publisher())
            let last = try await rest.first()
            #expect(last.message.text == "d")
            await last.ack()
            await consumer.cancel(deliveries)
        }
    }

    @Test func cancellingAllEndsEverySequence() async throws {
        try await Broker.withShared { broker in
            let consumer = await broker.consumer()
            try await broker.tool.declareQueue("there")
            let sequences = [
                try await consumer.consume(queue: "there", prefetch: 1), try await consumer.consume(queue: "missing", prefetch: 1),
            ]
            try await consumer.waitUntilConnected(deadline: soon)
            await consumer.cancelAll()
            for sequence in sequences {
                var iterator = sequence.makeAsyncIterator()
                #expect(await iterator.next() == nil)
            }
        }
    }

    @Test func exclusiveQueuesAreBoundAndServerConfirmed() async throws {
        try await Broker.withShared { broker in
            try await broker.tool.declareExchange("events", type: "topic")
            let consumer = await broker.consumer()
            let deliveries = try await consumer.consumeExclusive(
                queue: "cache.1", bindings: [.init(exchange: "events", routingKey: "order.*"), .init(exchange: "events", routingKey: "x")],
                prefetch: 10)
            try await eventually { await consumer.isConsuming }
            let publisher = await broker.publisher()
            for key in ["order.created", "x"] {
                try await publisher.publish(AMQPMessage(key), to: "events", routingKey: key, deadline: soon)
                let delivery = try await deliveries.first()
                #expect(delivery.routingKey == key)
                await delivery.ack()
            }
        }
    }

    @Test func replyQueuesNeedNoAck() async throws {
        try await Broker.withShared { broker in
            let consumer = await broker.consumer()
            let (name, deliveries) = try await consumer.declareReplyQueue(prefix: "signalbox.reply.")
            #expect(name.hasPrefix("signalbox.reply."))
            try await eventually { await consumer.isConsuming }
            try await publish(["a", "b"], to: name, broker.publisher())
            #expect(try await deliveries.first().message.text == "a")
            #expect(try await deliveries.first().message.text == "b")
        }
    }

    @Test func refusesWhatMakesNoSense() async throws {
        try await Broker.withShared { broker in
            let consumer = await broker.consumer()
            for (queue, prefetch) in [("q", 0), ("q", 65536), ("", 1), (String(repeating: "q", count: 256), 1)] {
                let code = await errorCode { () throws(AMQPError) in _ = try await consumer.consume(queue: queue, prefetch: prefetch) }
                #expect(code == .invalidArgument)
            }
            await consumer.close()
            #expect(await errorCode { () throws(AMQPError) in _ = try await consumer.consume(queue: "q", prefetch: 1) } == .closed)
        }
    }

    @Test func aWrongPasswordIsSaidSo() async throws {
        let server = try await PrivateRabbitMQ.shared()
        let consumer = AMQPConsumer(
            configuration: try AMQPConfiguration(url: "amqp://administrator:wrong@127.0.0.1:\(server.port)", connectionName: "test"),
            logger: .quiet)
        do {
            try await consumer.waitUntilConnected(deadline: .now + .seconds(2))
            Issue.record("connected")
        } catch {
            #expect(error.code == .notConnected)
            #expect((error.underlying as? AMQPError)?.code == .accessRefused)
        }
        await consumer.close()
    }

    @Test func aHostIsFoundByItsName() async throws {
        let server = try await PrivateRabbitMQ.shared()
        let url = "amqp://\(server.user):\(server.password)@localhost:\(server.port)"
        let consumer = AMQPConsumer(configuration: try AMQPConfiguration(url: url, connectionName: "test"), logger: .quiet)
        try await consumer.waitUntilConnected(deadline: soon)
        await consumer.close()
    }

    @Test func clientsThatNobodyHoldsEnd() async throws {
        let server = try await PrivateRabbitMQ.shared()
        let configuration = try AMQPConfiguration(url: server.url, connectionName: "forgotten")
        weak var forgotten: AMQPConsumer?
        weak var publisher: AMQPPublisher?
        weak var requester: AMQPRequester?
        func use() async throws {
            let clients = (
                AMQPConsumer(configuration: configuration, logger: .quiet), AMQPPublisher(configuration: configuration, logger: .quiet),
                AMQPRequester(configuration: configuration, logger: .quiet)
            )
            (forgotten, publisher, requester) = clients
            _ = try await clients.0.consume(queue: "missing", prefetch: 1)
            try await clients.0.waitUntilConnected(deadline: soon)
            try await clients.1.waitUntilConnected(deadline: soon)
            _ = await errorCode { () throws(AMQPError) in
                _ = try await clients.2.request(AMQPMessage(), exchange: "", routingKey: "nowhere", deadline: soon)
            }
        }
        try await use()
        try await eventually { forgotten == nil && publisher == nil && requester == nil }
    }

    @Test func theProbeTellsWhetherABrokerAnswers() async throws {
        let server = try await PrivateRabbitMQ.shared()
        #expect(await AMQPProbe.roundTrip(url: server.url, timeout: .seconds(20)))
        #expect(await !AMQPProbe.roundTrip(url: "amqp://a:b@127.0.0.1:\(freePort())", timeout: .milliseconds(300)))
        #expect(await !AMQPProbe.roundTrip(url: "nonsense", timeout: .milliseconds(300)))
    }
}

extension Sequence {
    func asyncMap<T>(_ transform: (Element) async throws -> T) async rethrows -> [T] {
        var result: [T] = []
        for element in self { result.append(try await transform(element)) }
        return result
    }
}
