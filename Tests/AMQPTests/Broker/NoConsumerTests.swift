import Testing
import TestSupport

@testable import AMQP

struct NoConsumerTests {
    @Test(arguments: AMQPReplyMode.allCases)
    func isSaidAtOnceAndNothingIsSent(mode: AMQPReplyMode) async throws {
        try await Broker.withShared { broker in
            for type in ["quorum", "classic"] {
                try await broker.tool.declareQueue("idle-\(type)", arguments: ["x-queue-type": .string(type)])
            }
            let requester = await broker.requester(mode)
            try await eventually { await requester.isConnected }
            for queue in ["idle-quorum", "idle-classic"] {
                var times: [Duration] = []
                for _ in 0..<20 {
                    let start = ContinuousClock.now
                    let code = await errorCode { () throws(AMQPError) in
                        _ = try await requester.request(
                            AMQPMessage("x"), exchange: "", routingKey: queue, consumedFrom: queue, deadline: .now + .seconds(20))
                    }
                    times.append(start.duration(to: .now))
                    #expect(code == .noConsumer)
                }
                // The fastest of them: the machine may be busy, and no timer has a part in it.
                #expect(times.min().map { $0 <= .milliseconds(10) } == true, "\(times)")
                #expect(try await broker.tool.inspectQueue(queue).messages == 0)
            }
        }
    }

    @Test(arguments: AMQPReplyMode.allCases)
    func aQueueThatIsMissingIsUnroutableAndDisturbsNoOther(mode: AMQPReplyMode) async throws {
        try await Broker.withShared { broker in
            try await broker.tool.declareQueue("idle")
            let requester = await broker.requester(mode)
            try await eventually { await requester.isConnected }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<60 {
                    let queue = number % 3 == 0 ? "idle" : "missing.\(number % 5)"
                    group.addTask {
                        let code = await errorCode { () throws(AMQPError) in
                            _ = try await requester.request(
                                AMQPMessage("x"), exchange: "", routingKey: queue, consumedFrom: queue, deadline: soon)
                        }
                        #expect(code == (queue == "idle" ? .noConsumer : .unroutable("NO_ROUTE")))
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: AMQPReplyMode.allCases)
    func requestsGoWhileSomebodyConsumesAndFailSoonAfterTheLastHasGone(mode: AMQPReplyMode) async throws {
        try await Broker.withShared { broker in
            try await broker.declareQuorumQueue("echo")
            let (consumer, publisher) = (await broker.consumer(), await broker.publisher())
            let requester = await broker.requester(mode)
            try await eventually { await requester.isConnected }
            for _ in 0..<2 {
                let deliveries = try await consumer.consume(queue: "echo", prefetch: 100)
                try await eventually { await consumer.isConsuming }
                let server = Task {
                    for await delivery in deliveries {
                        let properties = delivery.message.properties
                        try? await publisher.publish(
                            AMQPMessage(properties: .init(correlationID: properties.correlationID), body: delivery.message.body), to: "",
                            routingKey: properties.replyTo ?? "", deadline: soon)
                        await delivery.ack()
                    }
                }
                for number in 0..<50 {
                    let reply = try await requester.request(
                        AMQPMessage("\(number)"), exchange: "", routingKey: "echo", consumedFrom: "echo", deadline: soon)
                    #expect(reply.text == "\(number)")
                }
                await consumer.cancel(deliveries)
                await server.value
                // A consumer that has gone counts until the broker has its last acknowledgements.
                try await eventually {
                    await errorCode { () throws(AMQPError) in
                        _ = try await requester.request(
                            AMQPMessage("x"), exchange: "", routingKey: "echo", consumedFrom: "echo", deadline: .now + .milliseconds(500))
                    } == .noConsumer
                }
                try await broker.tool.purgeQueue("echo")
            }
        }
    }

    @Test func aCancelledOrLateRequestWaitsForNoAnswer() async throws {
        let requester = AMQPRequester(
            configuration: try AMQPConfiguration(url: "amqp://a:b@127.0.0.1:\(freePort())", connectionName: "test"), logger: .quiet)
        let late = await errorCode { () throws(AMQPError) in
            _ = try await requester.request(
                AMQPMessage("x"), exchange: "", routingKey: "q", consumedFrom: "q", deadline: .now + .milliseconds(100))
        }
        #expect(late == .notConnected)
        let task = Task {
            await errorCode { () throws(AMQPError) in
                _ = try await requester.request(AMQPMessage("x"), exchange: "", routingKey: "q", consumedFrom: "q", deadline: soon)
            }
        }
        task.cancel()
        #expect(await task.value == .cancelled)
        await requester.close()
    }
}
