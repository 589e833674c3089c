import AMQP
import ServiceTestKit
import Testing
import TestSupport

@Suite(.timeLimit(.minutes(3))) struct RequestCases {
    /// Answers requests with their own text until the task is cancelled.
    private func answer(_ queue: String, on bench: any Bench) async throws -> Collector {
        let collector = try await bench.collect(queue)
        try await eventually { await collector.client.link.isConsuming }
        return collector
    }

    private func reply(to delivery: AMQPDelivery, _ text: String, by publisher: any MessagePublishing) async throws {
        var message = AMQPMessage(text)
        message.properties.correlationID = delivery.message.properties.correlationID
        try await publisher.publish(message, to: "", routingKey: delivery.message.properties.replyTo ?? "", deadline: soon)
        await delivery.ack()
    }

    @Test(arguments: BrokerKind.allCases) func aRequestGetsItsReply(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            try await bench.declare(TestQueue("q", .classic))
            let requester = try await bench.requester()
            let publisher = try await bench.publisher()
            let callee = try await answer("q", on: bench)
            async let one = requester.link.request(AMQPMessage("one"), exchange: "", routingKey: "q", consumedFrom: "q", deadline: soon)
            let first = (try await callee.first(1))[0]
            async let two = requester.link.request(AMQPMessage("two"), exchange: "", routingKey: "q", deadline: soon)
            let second = (try await callee.first(2))[1]
            let properties = first.message.properties
            #expect(properties.replyTo?.isEmpty == false && properties.correlationID?.isEmpty == false && properties.messageID != nil)
            #expect(properties.expiration.map { $0 > .seconds(10) && $0 <= .seconds(30) } == true)
            try await reply(to: second, "second", by: publisher.link)
            try await reply(to: first, "first", by: publisher.link)
            // A second reply finds nobody.
            try await reply(to: first, "again", by: publisher.link)
            #expect(try await one.text == "first")
            #expect(try await two.text == "second")
        }
    }

    @Test(arguments: BrokerKind.allCases) func whyThereIsNoReplyIsATypedError(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            try await bench.declare(TestQueue("q", .classic))
            let requester = try await bench.requester()
            try await eventually { await requester.link.isConnected }
            func code(_ queue: String, consumedFrom: String?, within time: Duration = .seconds(30)) async -> AMQPError.Code? {
                await errorCode { () throws(AMQPError) in
                    _ = try await requester.link.request(
                        AMQPMessage("x"), exchange: "", routingKey: queue, consumedFrom: consumedFrom, deadline: .now + time)
                }
            }
            #expect(await code("missing", consumedFrom: nil) == .unroutable("NO_ROUTE"))
            #expect(await code("missing", consumedFrom: "missing") == .unroutable("NO_ROUTE"))
            #expect(await code("q", consumedFrom: "q") == .noConsumer)
            try await bench.expect(0, in: "q")
            #expect(await code("q", consumedFrom: nil, within: .milliseconds(50)) == .deadlineExceeded)
            // It has expired with its deadline: its work is not begun.
            try await bench.pass(.milliseconds(60))
            try await bench.expect(0, in: "q")
            let callee = try await answer("q", on: bench)
            #expect(await code("q", consumedFrom: "q", within: .milliseconds(200)) == .deadlineExceeded)
            let task = Task { await code("q", consumedFrom: "q") }
            _ = try await callee.first(2)
            task.cancel()
            #expect(await task.value == .cancelled)
            await requester.link.close()
            #expect(await code("q", consumedFrom: "q") == .closed)
        }
    }

    @Test(arguments: BrokerKind.allCases) func theReplyQueueComesBackAfterACut(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            try await bench.declare(TestQueue("q", .classic))
            let requester = try await bench.requester()
            let publisher = try await bench.publisher()
            let callee = try await answer("q", on: bench)
            try await eventually { await requester.link.isConnected }
            let lost = Task {
                await errorCode { () throws(AMQPError) in
                    _ = try await requester.link.request(
                        AMQPMessage("lost"), exchange: "", routingKey: "q", deadline: .now + .seconds(2))
                }
            }
            let first = (try await callee.first(1))[0]
            try await requester.cut()
            // Who asked has gone, and with it the queue for the reply.
            try await eventually {
                await errorCode { () throws(AMQPError) in
                    try await publisher.link.publish(
                        AMQPMessage("late"), to: "", routingKey: first.message.properties.replyTo ?? "", deadline: soon)
                } == .unroutable("NO_ROUTE")
            }
            await first.ack()
            await requester.restore()
            async let answered = requester.link.request(AMQPMessage("x"), exchange: "", routingKey: "q", deadline: soon)
            // The first may come again, where its confirm was lost.
            try await eventually { callee.texts.contains("x") }
            let second = try #require(callee.all.first { $0.message.text == "x" })
            try await reply(to: second, "found", by: publisher.link)
            #expect(try await answered.text == "found")
            #expect(await lost.value == .deadlineExceeded)
        }
    }
}
