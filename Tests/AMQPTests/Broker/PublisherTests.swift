import Testing
import TestSupport

@testable import AMQP

struct PublisherTests {
    @Test func confirmsAndKeepsPropertiesHeadersAndBody() async throws {
        try await Broker.withShared { broker in
            try await broker.declareQuorumQueue("q")
            let publisher = await broker.publisher()
            let message = AMQPMessage(
                properties: .init(
                    messageID: "id", correlationID: "c", replyTo: "r", type: "t", contentType: "text/plain", appID: "shop",
                    timestamp: 1_700_000_000,
                    headers: [
                        "text": "grüße", "number": 42, "double": 0.25, "flag": true, "nothing": .null, "time": .timestamp(5),
                        "list": .array([1, "two"]), "table": .table(["inner": 3]),
                    ]),
                body: Array("hello".utf8))
            try await publisher.publish(message, to: "", routingKey: "q", deadline: soon)
            let delivery = try await broker.consumer().consume(queue: "q", prefetch: 1).first()
            #expect(delivery.message == message)
            #expect(delivery.routingKey == "q")
            #expect(!delivery.isRedelivered)
            await delivery.ack()
        }
    }

    @Test(arguments: [0, 1, 131_064, 131_065, 3_000_000])
    func bodiesOfAnySizeArriveWhole(size: Int) async throws {
        try await Broker.withShared { broker in
            try await broker.tool.declareQueue("q")
            let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
            try await broker.publisher().publish(AMQPMessage(body: body), to: "", routingKey: "q", deadline: soon)
            let delivery = try await broker.consumer().consume(queue: "q", prefetch: 1).first()
            #expect(delivery.message.body == body)
            await delivery.ack()
        }
    }

    @Test func manyAtATimeAreAllConfirmedAndInOrder() async throws {
        try await Broker.withShared { broker in
            try await broker.declareQuorumQueue("q")
            let publisher = await broker.publisher(window: 16)
            try await publish(lanes: 8, of: 250, publisher)
            let deliveries = try await broker.consumer().consume(queue: "q", prefetch: 100)
            try await expectOrder(in: deliveries, count: 2000)
        }
    }

    private func publish(lanes: Int, of count: Int, _ publisher: AMQPPublisher) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    for number in 0..<count {
                        try await publisher.publish(AMQPMessage("\(lane) \(number)"), to: "", routingKey: "q", deadline: soon)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func expectOrder(in deliveries: AMQPDeliveries, count: Int) async throws {
        var next: [Substring: Int] = [:]
        var received = 0
        for await delivery in deliveries {
            let parts = delivery.message.text.split(separator: " ")
            #expect(Int(parts[1]) == next[parts[0], default: 0])
            next[parts[0], default: 0] += 1
            await delivery.ack()
            received += 1
            if received == count { break }
        }
    }

    @Test func unroutableIsAnErrorOfThatPublishAlone() async throws {
        try await Broker.withShared { broker in
            try await broker.tool.declareQueue("q")
            let publisher = await broker.publisher()
            await withTaskGroup { group in
                for number in 0..<200 {
                    group.addTask {
                        let key = number % 3 == 0 ? "nowhere" : "q"
                        let code = await errorCode { () throws(AMQPError) in
                            try await publisher.publish(AMQPMessage("x"), to: "", routingKey: key, deadline: soon)
                        }
                        #expect(code == (key == "q" ? nil : .unroutable("NO_ROUTE")))
                    }
                }
            }
        }
    }

    @Test func aMissingExchangeFailsItsPublishesAndNoOthers() async throws {
        try await Broker.withShared { broker in
            try await broker.tool.declareQueue("q")
            let publisher = await broker.publisher()
            await withTaskGroup { group in
                for number in 0..<100 {
                    group.addTask {
                        let isWrong = number == 30 || number == 70
                        let code = await errorCode { () throws(AMQPError) in
                            try await publisher.publish(
                                AMQPMessage("\(number)"), to: isWrong ? "missing" : "", routingKey: "q", deadline: soon)
                        }
                        #expect(code == (isWrong ? .notFound : nil))
                    }
                }
            }
        }
    }

    @Test func aMessageTheBrokerChokesOnFailsAlone() async throws {
        try await Broker.withShared { broker in
            try await broker.tool.declareQueue("q")
            let publisher = await broker.publisher()
            await withTaskGroup { group in
                for number in 0..<20 {
                    group.addTask {
                        // 406: the user id is not the connection's. The reply text names no exchange.
                        let message = AMQPMessage(properties: .init(userID: number == 7 ? "another" : nil))
                        let code = await errorCode { () throws(AMQPError) in
                            try await publisher.publish(message, to: "", routingKey: "q", deadline: soon)
                        }
                        #expect(code == (number == 7 ? .preconditionFailed : nil))
                    }
                }
            }
        }
    }

    @Test func aFullQueueThatRejectsPublishesNacks() async throws {
        try await Broker.withShared { broker in
            try await broker.tool.declareQueue("q", arguments: ["x-max-length": 1, "x-overflow": "reject-publish"])
            let publisher = await broker.publisher()
            try await publisher.publish(AMQPMessage("1"), to: "", routingKey: "q", deadline: soon)
            let code = await errorCode { () throws(AMQPError) in
                try await publisher.publish(AMQPMessage("2"), to: "", routingKey: "q", deadline: soon)
            }
            #expect(code == .nacked)
        }
    }

    @Test func whatCannotBeSentIsRefusedAtOnce() async throws {
        try await Broker.withShared { broker in
            let publisher = await broker.publisher()
            let code = await errorCode { () throws(AMQPError) in
                try await publisher.publish(
                    AMQPMessage(), to: "", routingKey: String(repeating: "k", count: 256), deadline: soon)
            }
            #expect(code == .invalidArgument)
            let late = await errorCode { () throws(AMQPError) in
                try await publisher.publish(AMQPMessage(), to: "", routingKey: "q", deadline: .now - .seconds(1))
            }
            #expect(late == .deadlineExceeded)
        }
    }

    @Test func closingFailsLaterPublishes() async throws {
        try await Broker.withShared { broker in
            let publisher = await broker.publisher()
            try await publisher.waitUntilConnected(deadline: soon)
            await publisher.close()
            let code = await errorCode { () throws(AMQPError) in
                try await publisher.publish(AMQPMessage(), to: "", routingKey: "q", deadline: soon)
            }
            #expect(code == .closed)
            #expect(await !publisher.isConnected)
            await publisher.close()
        }
    }
}

/// With nobody at the other end.
struct DisconnectedPublisherTests {
    private func publisher(port: Int = freePort()) throws -> AMQPPublisher {
        AMQPPublisher(configuration: try AMQPConfiguration(url: "amqp://a:b@127.0.0.1:\(port)", connectionName: "test"), logger: .quiet)
    }

    @Test func theDeadlineHolds() async throws {
        let publisher = try publisher()
        let start = ContinuousClock.now
        let code = await errorCode { () throws(AMQPError) in
            try await publisher.publish(AMQPMessage(), to: "", routingKey: "q", deadline: .now + .milliseconds(200))
        }
        #expect(code == .notConnected)
        #expect(start.duration(to: .now) < .seconds(5))
        await publisher.close()
    }

    @Test func aCancelledTasksAwaitReturns() async throws {
        let publisher = try publisher()
        let task = Task {
            await errorCode { () throws(AMQPError) in
                try await publisher.publish(AMQPMessage(), to: "", routingKey: "q", deadline: .now + .seconds(3600))
            }
        }
        task.cancel()
        #expect(await task.value == .cancelled)
        await publisher.close()
    }

    @Test func closingEndsWhatWaits() async throws {
        let publisher = try publisher()
        async let code = errorCode { () throws(AMQPError) in
            try await publisher.publish(AMQPMessage(), to: "", routingKey: "q", deadline: .now + .seconds(3600))
        }
        async let waiting = errorCode { () throws(AMQPError) in
            try await publisher.waitUntilConnected(deadline: .now + .seconds(3600))
        }
        // Whichever comes first, the end is the same.
        await publisher.close()
        #expect(await code == .closed)
        #expect(await waiting == .closed)
    }

    @Test func aServerThatSaysNothingHoldsNobodyUp() async throws {
        let listener = try SilentListener()
        let publisher = try publisher(port: listener.port)
        let start = ContinuousClock.now
        let code = await errorCode { () throws(AMQPError) in
            try await publisher.publish(AMQPMessage(), to: "", routingKey: "q", deadline: .now + .milliseconds(300))
        }
        #expect(code == .notConnected)
        #expect(start.duration(to: .now) < .seconds(4))
        await publisher.close()
    }

    @Test func aHostThatDoesNotExistIsNamed() async throws {
        let configuration = try AMQPConfiguration(url: "amqp://no-such-host.invalid", connectionName: "test")
        let publisher = AMQPPublisher(configuration: configuration, logger: .quiet)
        do {
            try await publisher.waitUntilConnected(deadline: .now + .seconds(6))
            Issue.record("connected")
        } catch {
            #expect(error.code == .notConnected)
            #expect(error.message.contains("no-such-host.invalid"))
        }
        await publisher.close()
    }
}
