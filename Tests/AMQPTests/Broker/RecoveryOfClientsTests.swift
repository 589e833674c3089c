import Glibc
import Testing
import TestSupport

@testable import AMQP

/// A broker that goes and comes back.
@Suite(.serialized)
struct RecoveryOfClientsTests {
    @Test func nothingConfirmedIsLostWhenTheBrokerIsKilled() async throws {
        try await Broker.withOwn { broker in
            try await broker.declareLastingQuorumQueue("q")
            let (publisher, consumer) = (await broker.publisher(), await broker.consumer())
            let deliveries = try await consumer.consume(queue: "q", prefetch: 50)
            let stream = Stream()
            let receiving = Task { await stream.receive(deliveries) }
            let publishing = Task { try await stream.publish(to: "q", by: publisher, lanes: 16) }
            for _ in 0..<2 {
                let before = (stream.confirmedCount, stream.receivedCount)
                try await eventually(within: .seconds(60), "the flow") {
                    stream.confirmedCount >= before.0 + 200 && stream.receivedCount >= before.1 + 100
                }
                try await broker.server.kill()
                try await eventually { await !publisher.isConnected }
                try await eventually { await !consumer.isConnected }
                try await broker.server.restart()
                let back = ContinuousClock.now
                try await eventually(within: .seconds(20), "the consumer's return") { await consumer.isConsuming }
                #expect(back.duration(to: .now) < .seconds(10))
            }
            let before = stream.confirmedCount
            try await eventually(within: .seconds(60), "the flow after the last return") { stream.confirmedCount >= before + 200 }
            publishing.cancel()
            try await publishing.value
            try await eventually(within: .seconds(60), "every confirmed message's arrival") { stream.isComplete }
            #expect(stream.mislabelledCount == 0)
            await consumer.close()
            await receiving.value
        }
    }

    @Test func requestersComeBackInEveryMode() async throws {
        try await Broker.withOwn { broker in
            try await broker.declareLastingQuorumQueue("echo")
            let (consumer, publisher) = (await broker.consumer(), await broker.publisher())
            let deliveries = try await consumer.consume(queue: "echo", prefetch: 10)
            let server = Task {
                for await delivery in deliveries {
                    let properties = delivery.message.properties
                    try? await publisher.publish(
                        AMQPMessage(properties: .init(correlationID: properties.correlationID), body: delivery.message.body), to: "",
                        routingKey: properties.replyTo ?? "", deadline: .now + .seconds(5))
                    await delivery.ack()
                }
            }
            var requesters: [AMQPRequester] = []
            for mode in AMQPReplyMode.allCases { requesters.append(await broker.requester(mode)) }
            for requester in requesters {
                #expect(try await requester.request(AMQPMessage("1"), exchange: "", routingKey: "echo", deadline: soon).text == "1")
            }
            try await broker.server.kill()
            for requester in requesters { try await eventually { await !requester.isConnected } }
            try await broker.server.restart()
            for requester in requesters {
                #expect(try await requester.request(AMQPMessage("2"), exchange: "", routingKey: "echo", deadline: soon).text == "2")
            }
            server.cancel()
        }
    }

    /// 50 of 50 with `SIGNALBOX_FAULT_SCALE=full`.
    @Test func consumersResumeWithinFiveSecondsOfEachReturn() async throws {
        try await Broker.withOwn { broker in
            for queue in ["q", "single"] { try await broker.declareLastingQuorumQueue(queue) }
            let (publisher, consumer) = (await broker.publisher(), await broker.consumer())
            let many = try await consumer.consume(queue: "q", prefetch: 50)
            let single = try await consumer.consume(queue: "single", prefetch: 1)
            var worst = Duration.zero
            let kills = FaultScale.count(2, full: 50)
            for kill in 1...kills {
                try await eventually(within: .seconds(60), "consumers and publisher") {
                    guard await consumer.isConsuming else { return false }
                    return await publisher.isConnected
                }
                try await broker.server.kill()
                // A longer absence every other time: the pauses between attempts have grown by then.
                if kill.isMultiple(of: 2) { try await Task.sleep(for: .seconds(6)) }
                async let sent: Void = publisher.publish(
                    AMQPMessage("\(kill)", id: "id \(kill)"), to: "", routingKey: "q", deadline: .now + .seconds(120))
                async let other: Void = publisher.publish(
                    AMQPMessage("\(kill)"), to: "", routingKey: "single", deadline: .now + .seconds(120))
                try await broker.server.restart()
                let back = ContinuousClock.now
                for deliveries in [many, single] {
                    // What was confirmed by a broker that was killed before it heard of the ack comes again.
                    var delivery = try await deliveries.first()
                    while delivery.message.text != "\(kill)" {
                        await delivery.ack()
                        delivery = try await deliveries.first()
                    }
                    if deliveries.queue == "q" { #expect(delivery.message.properties.messageID == "id \(kill)") }
                    await delivery.ack()
                }
                let absence = back.duration(to: .now)
                worst = max(worst, absence)
                #expect(absence <= .seconds(5), "kill \(kill)")
                try await sent
                try await other
            }
            FaultScale.note("\(kills) of \(kills) kills -9 of the broker: consumers were back within \(worst)")
        }
    }

    @Test func prefetchAndExclusiveQueuesComeBack() async throws {
        try await Broker.withOwn { broker in
            try await broker.declareLastingQuorumQueue("q")
            try await broker.tool.declareExchange("events", type: "topic")
            let (publisher, consumer) = (await broker.publisher(), await broker.consumer())
            let limited = try await consumer.consume(queue: "q", prefetch: 2)
            let exclusive = try await consumer.consumeExclusive(
                queue: "cache.1", bindings: [AMQPBinding(exchange: "events", routingKey: "order.*")], prefetch: 10)
            try await eventually { await consumer.isConsuming }
            try await broker.server.kill()
            try await eventually { await !consumer.isConnected }
            try await broker.server.restart()
            try await eventually(within: .seconds(20), "the consumers' return") { await consumer.isConsuming }

            try await publisher.publish(AMQPMessage("created"), to: "events", routingKey: "order.created", deadline: soon)
            let event = try await exclusive.first()
            #expect(event.message.text == "created")
            await event.ack()
            for number in 0..<5 { try await publisher.publish(AMQPMessage("\(number)"), to: "", routingKey: "q", deadline: soon) }
            let held = [try await limited.first(), try await limited.first()]
            // Three are ready still, and stay so: the consumer has its two.
            try await broker.tool.waitUntilConnected(deadline: soon)
            try await eventually { try await broker.tool.inspectQueue("q").messages == 3 }
            #expect(limited.takeAvailable() == nil)
            for delivery in held { await delivery.ack() }
            for _ in 0..<3 { await (try limited.first()).ack() }
        }
    }

    @Test func aMemoryAlarmHoldsPublishersUpAndAcksGoOn() async throws {
        try await Broker.withOwn { broker in
            try await broker.declareQuorumQueue("q")
            try await broker.declareQuorumQueue("other")
            let (publisher, consumer) = (await broker.publisher(), await broker.consumer())
            for number in 0..<5 {
                try await publisher.publish(AMQPMessage("\(number)"), to: "", routingKey: "q", deadline: soon)
            }
            let deliveries = try await consumer.consume(queue: "q", prefetch: 1)
            let first = try await deliveries.first()

            let control = try BrokerControl(port: broker.server.port)
            try await control.run("set_vm_memory_high_watermark", "0.000001")
            // The first ones bring the broker to say that it blocks; what it took before is confirmed.
            var codes: [AMQPError.Code?] = []
            try await eventually(within: .seconds(60), "the blocking") {
                codes.append(
                    await errorCode { () throws(AMQPError) in
                        try await publisher.publish(AMQPMessage("x"), to: "", routingKey: "other", deadline: .now + .milliseconds(500))
                    })
                return codes.last == .blocked
            }
            #expect(codes.allSatisfy { $0 == nil || $0 == .deadlineExceeded || $0 == .blocked })
            #expect(await publisher.isConnected)

            async let waiting: Void = publisher.publish(AMQPMessage("waited"), to: "", routingKey: "other", deadline: .now + .seconds(60))
            await first.ack()
            for number in 1..<5 {
                let delivery = try await deliveries.first()
                #expect(delivery.message.text == "\(number)")
                await delivery.ack()
            }
            try await control.run("set_vm_memory_high_watermark", "0.4")
            try await waiting
            #expect(await publisher.isConnected)
        }
    }

    @Test func heartbeatsAreServedUnderLoad() async throws {
        try await Broker.withShared { broker in
            try await broker.declareQuorumQueue("q")
            let log = WarningCounter()
            var configuration = broker.configuration
            configuration.heartbeat = .seconds(1)
            let publisher = AMQPPublisher(configuration: configuration, logger: log.logger)
            let consumer = AMQPConsumer(configuration: configuration, logger: log.logger)
            let idle = AMQPConsumer(configuration: configuration, logger: log.logger)
            // Sends nothing of its own while it is given more than it takes.
            let flooded = AMQPConsumer(configuration: configuration, logger: log.logger)
            let deliveries = try await consumer.consume(queue: "q", prefetch: 200)
            let hoard = try await flooded.consume(queue: "q", prefetch: 65_535)
            for client in [consumer, idle, flooded] { try await client.waitUntilConnected(deadline: soon) }
            let stream = Stream()
            let receiving = Task { await stream.receive(deliveries) }
            let publishing = Task { try await stream.publish(to: "q", by: publisher, lanes: 32) }
            // Three times as long as the broker waits for a sign of life.
            try await Task.sleep(for: .seconds(6))
            publishing.cancel()
            try await publishing.value
            // The loss of a connection would be one.
            #expect(log.count == 0)
            #expect(stream.confirmedCount > 100)
            withExtendedLifetime(hoard) {}
            for client in [consumer, idle, flooded] { await client.close() }
            await publisher.close()
            await receiving.value
        }
    }

    @Test func aStoppedBrokerIsFoundByItsMissingHeartbeats() async throws {
        try await Broker.withOwn { broker in
            var configuration = broker.configuration
            configuration.heartbeat = .seconds(1)
            let publisher = AMQPPublisher(configuration: configuration, logger: .quiet)
            try await publisher.waitUntilConnected(deadline: soon)
            try await broker.tool.declareQueue("q")
            let control = try BrokerControl(port: broker.server.port)
            control.signal(SIGSTOP)
            try await eventually(within: .seconds(20), "the loss") { await !publisher.isConnected }
            control.signal(SIGCONT)
            try await publisher.publish(AMQPMessage("x"), to: "", routingKey: "q", deadline: soon)
            await publisher.close()
        }
    }
}
