import Testing
import TestSupport

@testable import AMQP

struct RequesterTests {
    /// Answers each request with its own body and an exclamation mark, until the consumer is closed.
    private func serve(_ queue: String, _ broker: Broker) async throws -> Task<Void, Never> {
        try await broker.tool.declareQueue(queue)
        let (consumer, publisher) = (await broker.consumer(), await broker.publisher())
        let deliveries = try await consumer.consume(queue: queue, prefetch: 100)
        return Task {
            await withDiscardingTaskGroup { group in
                for await delivery in deliveries {
                    group.addTask {
                        let request = delivery.message
                        let reply = AMQPMessage(
                            properties: .init(correlationID: request.properties.correlationID, isPersistent: false),
                            body: request.body + Array("!".utf8))
                        // A requester that has gone makes it unroutable.
                        try? await publisher.publish(reply, to: "", routingKey: request.properties.replyTo ?? "", deadline: soon)
                        await delivery.ack()
                    }
                }
            }
        }
    }

    @Test(arguments: AMQPReplyMode.allCases)
    func everyRequestGetsItsOwnReply(mode: AMQPReplyMode) async throws {
        try await Broker.withShared { broker in
            let server = try await serve("echo", broker)
            let requester = await broker.requester(mode)
            let (lanes, rounds) = (64, mode == .temporaryQueue ? 2 : 20)
            try await withThrowingTaskGroup { group in
                for lane in 0..<lanes {
                    group.addTask {
                        for round in 0..<rounds {
                            let text = "\(lane).\(round)"
                            let reply = try await requester.request(AMQPMessage(text), exchange: "", routingKey: "echo", deadline: soon)
                            #expect(reply.text == text + "!")
                        }
                    }
                }
                try await group.waitForAll()
            }
            server.cancel()
        }
    }

    @Test(arguments: AMQPReplyMode.allCases)
    func unroutableIsSaidAtOnce(mode: AMQPReplyMode) async throws {
        try await Broker.withShared { broker in
            let requester = await broker.requester(mode)
            let start = ContinuousClock.now
            let code = await errorCode { () throws(AMQPError) in
                _ = try await requester.request(AMQPMessage("x"), exchange: "", routingKey: "nowhere", deadline: .now + .seconds(60))
            }
            #expect(code == .unroutable("NO_ROUTE"))
            #expect(start.duration(to: .now) < .seconds(20))
        }
    }

    @Test(arguments: AMQPReplyMode.allCases)
    func theDeadlineHoldsAndTheRequestExpires(mode: AMQPReplyMode) async throws {
        try await Broker.withShared { broker in
            try await broker.tool.declareQueue("nobody")
            let requester = await broker.requester(mode)
            try await eventually { await requester.isConnected }
            let code = await errorCode { () throws(AMQPError) in
                _ = try await requester.request(AMQPMessage("x"), exchange: "", routingKey: "nobody", deadline: .now + .seconds(1))
            }
            #expect(code == .deadlineExceeded)
            // The request itself expires at the same time: whatever of it still comes, this one comes as well.
            try await broker.publisher().publish(AMQPMessage("later"), to: "", routingKey: "nobody", deadline: soon)
            let consumer = await broker.consumer()
            let deliveries = try await consumer.consume(queue: "nobody", prefetch: 1)
            try await eventually {
                let delivery = try await deliveries.first()
                await delivery.ack()
                return delivery.message.text == "later"
            }
        }
    }

    @Test(arguments: AMQPReplyMode.allCases)
    func aCancelledTasksAwaitReturnsAndALateReplyHarmsNobody(mode: AMQPReplyMode) async throws {
        try await Broker.withShared { broker in
            try await broker.tool.declareQueue("slow")
            let requester = await broker.requester(mode)
            let task = Task {
                await errorCode { () throws(AMQPError) in
                    _ = try await requester.request(AMQPMessage("x"), exchange: "", routingKey: "slow", deadline: soon)
                }
            }
            let request = try await broker.consumer().consume(queue: "slow", prefetch: 1).first()
            #expect(request.message.properties.expiration.map { $0 > .zero && $0 <= .seconds(30) } == true)
            task.cancel()
            #expect(await task.value == .cancelled)
            let properties = request.message.properties
            try? await broker.publisher().publish(
                AMQPMessage(properties: .init(correlationID: properties.correlationID)), to: "", routingKey: properties.replyTo ?? "",
                deadline: soon)
            await request.ack()
            let server = try await serve("echo", broker)
            #expect(try await requester.request(AMQPMessage("y"), exchange: "", routingKey: "echo", deadline: soon).text == "y!")
            server.cancel()
        }
    }

    @Test func closingEndsWhatWaits() async throws {
        try await Broker.withShared { broker in
            try await broker.tool.declareQueue("nobody")
            let requester = await broker.requester(.exclusiveQueue)
            let task = Task {
                await errorCode { () throws(AMQPError) in
                    _ = try await requester.request(AMQPMessage("x"), exchange: "", routingKey: "nobody", deadline: soon)
                }
            }
            _ = try await broker.consumer().consume(queue: "nobody", prefetch: 1).first()
            await requester.close()
            #expect(await task.value == .closed)
        }
    }
}
