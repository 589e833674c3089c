import AMQP
import ServiceTestKit
import Testing
import TestSupport

@Suite(.timeLimit(.minutes(3))) struct DeadLetterCases {
    /// - Returns: a queue "q", not declared yet, whose dead letters come to "dead".
    private func dying(_ type: TestQueue.Kind, on bench: any Bench) async throws -> TestQueue {
        var queue = TestQueue("q", type)
        queue.deadLetterExchange = ""
        queue.deadLetterRoutingKey = "dead"
        if type == .quorum {
            queue.isDeadLetteringAtLeastOnce = true
            queue.overflow = .rejectPublish
        }
        try await bench.declare(TestQueue("dead"))
        return queue
    }

    @Test(arguments: BrokerKind.allCases, [TestQueue.Kind.classic, .quorum])
    func aRejectedMessageSaysWhereItWas(_ kind: BrokerKind, _ type: TestQueue.Kind) async throws {
        try await kind.withBench { bench in
            try await bench.declare(try await dying(type, on: bench))
            try await bench.declare(TestExchange("events"))
            try await bench.bind(TestBinding(exchange: "events", queue: "q", key: "#"))
            let publisher = try await bench.publisher()
            var message = AMQPMessage("1", headers: ["own": "kept"])
            message.properties.messageID = "id"
            try await publisher.link.publish(message, to: "events", routingKey: "a.b", deadline: soon)
            await (try await bench.collect("q").first(1))[0].reject(requeue: false)
            let dead = (try await bench.collect("dead").first(1))[0]
            #expect(dead.message.text == "1" && dead.exchange == "" && dead.routingKey == "dead" && !dead.isRedelivered)
            #expect(dead.message.properties.messageID == "id")
            let headers = dead.message.properties.headers
            #expect(headers["own"] == "kept")
            #expect(headers["x-delivery-count"] == nil)
            #expect(headers["x-first-death-reason"] == "rejected")
            #expect(headers["x-first-death-queue"] == "q")
            #expect(headers["x-first-death-exchange"] == "events")
            let death = try #require(dead.message.deaths.first)
            #expect(dead.message.deaths.count == 1)
            #expect(death["reason"] == "rejected" && death["queue"] == "q" && death["exchange"] == "events" && death["count"] == 1)
            #expect(death["routing-keys"] == .array(["a.b"]))
            guard case .timestamp = death["time"] else { throw TestSupportError("no time: \(death)") }
            #expect(death.count == 6)
        }
    }

    @Test(arguments: BrokerKind.allCases, [TestQueue.Kind.classic, .quorum])
    func whatIsReturnedTooOftenIsADeadLetter(_ kind: BrokerKind, _ type: TestQueue.Kind) async throws {
        try await kind.withBench { bench in
            var queue = try await dying(type, on: bench)
            if type == .quorum { queue.deliveryLimit = 2 }
            try await bench.declare(queue)
            try await bench.publish("1", to: "q")
            let collector = try await bench.collect("q")
            for count in 1...3 { await (try await collector.first(count))[count - 1].reject(requeue: true) }
            if type == .quorum {
                let dead = (try await bench.collect("dead").first(1))[0]
                #expect(dead.message.deaths.first?["reason"] == "delivery_limit")
                #expect(collector.all.map(\.deliveryCount) == [nil, 1, 2])
            } else {
                _ = try await collector.first(4)
            }
        }
    }

    @Test(arguments: BrokerKind.allCases, [TestQueue.Kind.classic, .quorum])
    func whatIsLateExpiresFromTheHead(_ kind: BrokerKind, _ type: TestQueue.Kind) async throws {
        try await kind.withBench { bench in
            try await bench.declare(try await dying(type, on: bench))
            try await bench.publish("1", to: "q", expiration: .seconds(600))
            try await bench.publish("2", to: "q", expiration: .milliseconds(50))
            try await bench.publish("3", to: "q")
            try await bench.pass(.milliseconds(60))
            // It waits for the one before it.
            try await bench.expect(3, in: "q")
            let collector = try await bench.collect("q", prefetch: 1)
            let taken = try await collector.first(1)
            let dead = (try await bench.collect("dead").first(1))[0]
            #expect(dead.message.text == "2")
            #expect(dead.message.properties.expiration == nil)
            let death = try #require(dead.message.deaths.first)
            #expect(death["reason"] == "expired" && death["original-expiration"] == "50")
            await taken[0].ack()
            #expect(try await collector.first(2).map(\.message.text) == ["1", "3"])
        }
    }

    @Test(arguments: BrokerKind.allCases, [TestQueue.Kind.classic, .quorum])
    func theShorterOfTwoLifetimesCounts(_ kind: BrokerKind, _ type: TestQueue.Kind) async throws {
        try await kind.withBench { bench in
            var queue = try await dying(type, on: bench)
            queue.messageTTL = .milliseconds(300)
            try await bench.declare(queue)
            try await bench.publish("1", to: "q", expiration: .milliseconds(30))
            try await bench.pass(.milliseconds(40))
            try await bench.expect(0, in: "q")
            try await bench.publish("2", to: "q", expiration: .seconds(600))
            try await bench.publish("3", to: "q")
            try await bench.pass(.milliseconds(310))
            let dead = try await bench.collect("dead").first(3)
            #expect(dead.map(\.message.text) == ["1", "2", "3"])
            #expect(dead.map { $0.message.deaths.first?["original-expiration"] } == ["30", "600000", nil])
        }
    }

    @Test(arguments: BrokerKind.allCases, [TestQueue.Kind.classic, .quorum])
    func whatIsHeldDoesNotExpire(_ kind: BrokerKind, _ type: TestQueue.Kind) async throws {
        try await kind.withBench { bench in
            var queue = try await dying(type, on: bench)
            queue.messageTTL = .milliseconds(200)
            try await bench.declare(queue)
            let collector = try await bench.attach("q")
            try await bench.publish("1", "2", to: "q")
            let taken = try await collector.first(2)
            try await bench.pass(.milliseconds(210))
            try await bench.expect(0, in: "dead")
            await taken[0].ack()
            await collector.client.link.cancel(collector.deliveries)
            await taken[1].reject(requeue: true)
            #expect(try await bench.collect("dead").first(1).map(\.message.text) == ["2"])
        }
    }

    /// As the ladder of retries does that needs no plugin.
    @Test(arguments: BrokerKind.allCases) func aRetryQueueBringsAMessageBackAndCounts(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            var queue = TestQueue("q")
            queue.deadLetterExchange = ""
            queue.deadLetterRoutingKey = "later"
            var later = TestQueue("later")
            later.messageTTL = .milliseconds(100)
            later.deadLetterExchange = ""
            later.deadLetterRoutingKey = "q"
            try await bench.declare(queue)
            try await bench.declare(later)
            try await bench.publish("1", to: "q")
            let collector = try await bench.collect("q")
            for round in 1...3 {
                await (try await collector.first(round))[round - 1].reject(requeue: false)
                try await bench.pass(.milliseconds(110))
            }
            let last = (try await collector.first(4))[3]
            #expect(!last.isRedelivered)
            #expect(last.message.deaths.map { $0["queue"] } == ["later", "q"])
            #expect(last.message.deaths.map { $0["reason"] } == ["expired", "rejected"])
            #expect(last.message.deaths.map { $0["count"] } == [3, 3])
            #expect(last.message.properties.headers["x-first-death-queue"] == "q")
        }
    }

    @Test(arguments: BrokerKind.allCases) func aCycleWithoutARejectionEnds(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            for (name, next) in [("a", "b"), ("b", "a")] {
                var queue = TestQueue(name, .classic)
                queue.messageTTL = .milliseconds(50)
                queue.deadLetterExchange = ""
                queue.deadLetterRoutingKey = next
                try await bench.declare(queue)
            }
            try await bench.publish("1", to: "a")
            for _ in 0..<4 { try await bench.pass(.milliseconds(60)) }
            try await bench.expect(0, in: "a")
            try await bench.expect(0, in: "b")
        }
    }

    @Test(arguments: BrokerKind.allCases) func deadLettersKeepTheirKeyAndGoThroughAnExchange(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            try await bench.declare(TestExchange("events"))
            try await bench.declare(TestExchange("dead", .topic))
            var queue = TestQueue("q", .classic)
            queue.deadLetterExchange = "dead"
            try await bench.declare(queue)
            for name in ["orders", "all"] { try await bench.declare(TestQueue(name)) }
            try await bench.bind(TestBinding(exchange: "events", queue: "q", key: "#"))
            try await bench.bind(TestBinding(exchange: "dead", queue: "orders", key: "order.*"))
            try await bench.bind(TestBinding(exchange: "dead", queue: "all", key: "#"))
            let publisher = try await bench.publisher()
            for key in ["order.created", "stock.moved"] {
                try await publisher.link.publish(AMQPMessage(key), to: "events", routingKey: key, deadline: soon)
            }
            for delivery in try await bench.collect("q").first(2) { await delivery.reject(requeue: false) }
            #expect(try await bench.collect("all").first(2).map(\.routingKey) == ["order.created", "stock.moved"])
            #expect(try await bench.collect("orders").first(1).map(\.exchange) == ["dead"])
        }
    }

    @Test(arguments: BrokerKind.allCases) func withoutAWayForDeadLettersTheyAreDropped(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            try await bench.declare(TestQueue("q"))
            try await bench.publish("1", "2", to: "q")
            let taken = try await bench.collect("q").first(2)
            await taken[0].reject(requeue: false)
            await taken[1].ack()
            try await bench.expect(0, in: "q")
        }
    }
}
