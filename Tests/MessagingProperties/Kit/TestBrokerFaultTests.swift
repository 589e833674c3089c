import AMQP
import ServiceTestKit
import Testing
import TestSupport

/// What only a broker in memory can be told to do.
@Suite(.timeLimit(.minutes(1))) struct TestBrokerFaultTests {
    private func broker() -> TestBroker {
        let broker = TestBroker()
        broker.declare(TestQueue("q"))
        return broker
    }

    @Test func aLostConfirmBringsTheMessageTwice() async throws {
        let broker = broker()
        broker.loseNextConfirms()
        let publisher = broker.publisher()
        async let publishing: Void = publisher.publish(AMQPMessage("1"), to: "", routingKey: "q", deadline: soon)
        try await waitUntil { broker.messages(in: "q").count == 1 }
        #expect(await publisher.isConnected == false)
        publisher.restoreConnection()
        try await publishing
        let messages = broker.messages(in: "q")
        #expect(messages.count == 2)
        #expect(messages[0].properties.messageID == messages[1].properties.messageID)
    }

    @Test func blockedPublishersWaitAndConsumersGoOn() async throws {
        let broker = broker()
        let publisher = broker.publisher()
        try await publisher.publish(AMQPMessage("1"), to: "", routingKey: "q", deadline: soon)
        broker.blockPublishers()
        let code = await errorCode { () throws(AMQPError) in
            try await publisher.publish(AMQPMessage("lost"), to: "", routingKey: "q", deadline: .now + .milliseconds(20))
        }
        #expect(code == .blocked)
        async let second: Void = publisher.publish(AMQPMessage("2"), to: "", routingKey: "q", deadline: soon)
        let consumer = broker.consumer()
        var deliveries = try await consumer.consume(queue: "q", prefetch: 10).makeAsyncIterator()
        #expect(await deliveries.next()?.message.text == "1")
        broker.unblockPublishers()
        try await second
        #expect(await deliveries.next()?.message.text == "2")
    }

    /// No real time passes but what the machine needs.
    @Test func aDeadlinePassesByTheTestsClock() async throws {
        let broker = broker()
        let publisher = broker.publisher()
        broker.cutConnections()
        let task = Task {
            await errorCode { () throws(AMQPError) in
                try await publisher.publish(AMQPMessage("1"), to: "", routingKey: "q", deadline: .now + .seconds(3600))
            }
        }
        try await waitUntil { broker.clock.sleeperCount == 1 }
        await broker.clock.advance(by: .seconds(3601))
        #expect(await task.value == .notConnected)
    }

    @Test func lifetimesEndAtTheirMillisecond() async throws {
        let broker = TestBroker()
        var queue = TestQueue("q")
        queue.messageTTL = .seconds(86_400)
        queue.deadLetterExchange = ""
        queue.deadLetterRoutingKey = "dead"
        broker.declare(queue)
        broker.declare(TestQueue("dead"))
        let publisher = broker.publisher()
        try await publisher.publish(AMQPMessage("1"), to: "", routingKey: "q", deadline: soon)
        await broker.clock.advance(by: .milliseconds(86_399_999))
        #expect(broker.messages(in: "q").count == 1)
        await broker.clock.advance(by: .milliseconds(1))
        #expect(broker.messages(in: "q").isEmpty)
        #expect(broker.messages(in: "dead").first?.deaths.first?["time"] == .timestamp(1_800_086_400))
    }

    @Test func aDeletedQueuesConsumersComeBackWithIt() async throws {
        let broker = broker()
        let consumer = broker.consumer()
        var deliveries = try await consumer.consume(queue: "q", prefetch: 1).makeAsyncIterator()
        broker.delete(queue: "q")
        #expect(await consumer.isConsuming == false)
        broker.declare(TestQueue("q"))
        #expect(await consumer.isConsuming)
        try await broker.publisher().publish(AMQPMessage("1"), to: "", routingKey: "q", deadline: soon)
        #expect(await deliveries.next()?.message.text == "1")
    }
}
