import AMQP
import ServiceTestKit
import Synchronization
import Testing
import TestSupport

@Suite(.timeLimit(.minutes(3))) struct PublishingCases {
    @Test(arguments: BrokerKind.allCases) func messagesComeInTheirOrderWithAllTheirProperties(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            try await bench.declare(TestQueue("q"))
            let publisher = try await bench.publisher()
            let properties = AMQPProperties(
                messageID: "m-1", correlationID: "c", replyTo: "r", type: "order.created", contentType: "application/json",
                contentEncoding: "utf-8", appID: "shop", expiration: .seconds(600), timestamp: 1_700_000_000, priority: 3,
                isPersistent: true,
                headers: ["text": "x", "number": 7, "yes": true, "list": .array([1, "b"]), "table": .table(["a": 1])])
            let first = AMQPMessage(properties: properties, body: Array("0".utf8))
            try await publisher.link.publish(first, to: "", routingKey: "q", deadline: soon)
            for number in 1..<50 { try await publisher.link.publish(AMQPMessage("\(number)"), to: "", routingKey: "q", deadline: soon) }
            let taken = try await bench.collect("q").first(50)
            #expect(taken.map(\.message.text) == (0..<50).map { "\($0)" })
            #expect(taken[0].message.properties == properties)
            #expect(taken[0].exchange == "" && taken[0].routingKey == "q" && taken[0].queue == "q" && !taken[0].isRedelivered)
            #expect(taken[1].message.properties.messageID?.isEmpty == false)
            for delivery in taken { await delivery.ack() }
            try await bench.expect(0, in: "q")
        }
    }

    @Test(arguments: BrokerKind.allCases) func topicsAreComparedWordByWord(_ kind: BrokerKind) async throws {
        let patterns = ["order.created", "order.*", "order.#", "#", "*", "#.created", "*.*", "a.#.b", "#.#", "order.*.x", "", "*.#"]
        let keys = ["order.created", "order", "order.created.late", "a.b", "a.x.y.b", "x.created", "", "a..b", ".", "order.b.x"]
        try await kind.withBench { bench in
            try await bench.declare(TestExchange("events"))
            for (index, pattern) in patterns.enumerated() {
                try await bench.declare(TestQueue("q\(index)", .classic))
                try await bench.bind(TestBinding(exchange: "events", queue: "q\(index)", key: pattern))
            }
            let publisher = try await bench.publisher()
            for key in keys { try await publisher.link.publish(AMQPMessage(key), to: "events", routingKey: key, deadline: soon) }
            // The expectations are RabbitMQ's own answers.
            let expected: [[String]] = [
                ["order.created"], ["order.created"], ["order.created", "order", "order.created.late", "order.b.x"], keys,
                ["order"], ["order.created", "x.created"], ["order.created", "a.b", "x.created", "."],
                ["a.b", "a.x.y.b", "a..b"], keys, ["order.b.x"], [""], keys.filter { !$0.isEmpty },
            ]
            for index in patterns.indices {
                let taken = try await bench.collect("q\(index)").first(expected[index].count)
                #expect(taken.map(\.routingKey) == expected[index], "pattern '\(patterns[index])'")
            }
            for index in patterns.indices { try await bench.expect(0, in: "q\(index)") }
        }
    }

    @Test(arguments: BrokerKind.allCases) func eachKindOfExchangeRoutesAsItSays(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            try await bench.declare(TestExchange("direct", .direct))
            try await bench.declare(TestExchange("fanout", .fanout))
            try await bench.declare(TestExchange("headers", .headers))
            for name in ["a", "b", "all", "any", "none"] { try await bench.declare(TestQueue(name, .classic)) }
            try await bench.bind(TestBinding(exchange: "direct", queue: "a", key: "a"))
            try await bench.bind(TestBinding(exchange: "direct", queue: "a", key: "both"))
            try await bench.bind(TestBinding(exchange: "direct", queue: "b", key: "both"))
            try await bench.bind(TestBinding(exchange: "fanout", queue: "a"))
            try await bench.bind(TestBinding(exchange: "fanout", queue: "b", key: "ignored"))
            let wanted: [String: AMQPValue] = ["colour": "red", "size": 3]
            try await bench.bind(
                TestBinding(exchange: "headers", queue: "all", arguments: wanted.merging(["x-match": "all"]) { $1 }))
            try await bench.bind(TestBinding(exchange: "headers", queue: "any", arguments: wanted.merging(["x-match": "any"]) { $1 }))
            try await bench.bind(TestBinding(exchange: "headers", queue: "none"))
            let publisher = try await bench.publisher()
            func publish(_ text: String, _ exchange: String, _ key: String = "", headers: [String: AMQPValue] = [:]) async -> AMQPError
                .Code?
            {
                await errorCode { () throws(AMQPError) in
                    try await publisher.link.publish(AMQPMessage(text, headers: headers), to: exchange, routingKey: key, deadline: soon)
                }
            }
            #expect(await publish("1", "direct", "a") == nil)
            #expect(await publish("2", "direct", "both") == nil)
            #expect(await publish("3", "direct", "c") == .unroutable("NO_ROUTE"))
            #expect(await publish("4", "fanout", "whatever") == nil)
            #expect(await publish("5", "headers", headers: ["colour": "red", "size": 3]) == nil)
            #expect(await publish("6", "headers", headers: ["colour": "red", "size": 4]) == nil)
            #expect(await publish("7", "headers", headers: ["colour": "blue"]) == nil)
            #expect(try await bench.collect("a").first(3).map(\.message.text) == ["1", "2", "4"])
            #expect(try await bench.collect("b").first(2).map(\.message.text) == ["2", "4"])
            #expect(try await bench.collect("all").first(1).map(\.message.text) == ["5"])
            #expect(try await bench.collect("any").first(2).map(\.message.text) == ["5", "6"])
            #expect(try await bench.collect("none").first(3).map(\.message.text) == ["5", "6", "7"])
        }
    }

    @Test(arguments: BrokerKind.allCases) func twoBindingsBringAMessageOnce(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            try await bench.declare(TestExchange("events"))
            try await bench.declare(TestQueue("q"))
            try await bench.bind(TestBinding(exchange: "events", queue: "q", key: "a.*"))
            try await bench.bind(TestBinding(exchange: "events", queue: "q", key: "#"))
            let publisher = try await bench.publisher()
            try await publisher.link.publish(AMQPMessage("x"), to: "events", routingKey: "a.b", deadline: soon)
            try await bench.expect(1, in: "q")
        }
    }

    @Test(arguments: BrokerKind.allCases) func whatNobodyTakesIsATypedError(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            try await bench.declare(TestExchange("events"))
            try await bench.declare(TestQueue("q"))
            let publisher = try await bench.publisher()
            func code(_ exchange: String, _ key: String, deadline: ContinuousClock.Instant = soon) async -> AMQPError.Code? {
                await errorCode { () throws(AMQPError) in
                    try await publisher.link.publish(AMQPMessage("x"), to: exchange, routingKey: key, deadline: deadline)
                }
            }
            #expect(await code("events", "nobody") == .unroutable("NO_ROUTE"))
            #expect(await code("", "missing") == .unroutable("NO_ROUTE"))
            #expect(await code("missing", "q") == .notFound)
            #expect(await code("", "q", deadline: .now) == .deadlineExceeded)
            #expect(await code("", "q") == nil)
            await publisher.link.close()
            #expect(await code("", "q") == .closed)
            #expect(await publisher.link.isConnected == false)
            try await bench.expect(1, in: "q")
        }
    }

    @Test(arguments: BrokerKind.allCases) func aBatchSettlesEachOfItsMessages(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            try await bench.declare(TestQueue("q"))
            let publisher = try await bench.publisher()
            let outcomes = Mutex<[AMQPOutcome]>([])
            let keys = ["q", "missing", "q", "q"]
            let batch = keys.enumerated().map { AMQPPublication(AMQPMessage("\($0.offset)"), exchange: "", routingKey: $0.element) }
            await publisher.link.publish(batch, deadline: soon) { settled in outcomes.withLock { $0 += settled } }
            try await eventually { outcomes.withLock { $0.count } == 4 }
            let sorted = outcomes.withLock { $0.sorted { $0.index < $1.index } }
            #expect(sorted.map(\.index) == [0, 1, 2, 3])
            #expect(sorted.map(\.error?.code) == [nil, .unroutable("NO_ROUTE"), nil, nil])
            #expect(try await bench.collect("q").first(3).map(\.message.text) == ["0", "2", "3"])
        }
    }

    @Test(arguments: BrokerKind.allCases) func aFullQueueRefusesAndTakesAgain(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            var queue = TestQueue("q", .classic)
            queue.maximumLength = 3
            queue.overflow = .rejectPublish
            try await bench.declare(queue)
            let publisher = try await bench.publisher()
            func publish(_ text: String) async -> AMQPError.Code? {
                await errorCode { () throws(AMQPError) in
                    try await publisher.link.publish(AMQPMessage(text), to: "", routingKey: "q", deadline: soon)
                }
            }
            for text in ["1", "2", "3"] { #expect(await publish(text) == nil) }
            #expect(await publish("4") == .nacked)
            let collector = try await bench.collect("q", prefetch: 1)
            let taken = try await collector.first(1)
            // One is with the consumer and does not count.
            #expect(await publish("5") == nil)
            #expect(await publish("6") == .nacked)
            await taken[0].ack()
            #expect(try await collector.first(2).map(\.message.text) == ["1", "2"])
            try await bench.expect(2, in: "q")
        }
    }

    @Test(arguments: BrokerKind.allCases) func aFullQuorumQueueRefusesUntilThereIsRoom(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            var queue = TestQueue("q")
            queue.maximumLength = 10
            queue.overflow = .rejectPublish
            try await bench.declare(queue)
            let publisher = try await bench.publisher()
            func publish() async -> AMQPError.Code? {
                await errorCode { () throws(AMQPError) in
                    try await publisher.link.publish(AMQPMessage("x"), to: "", routingKey: "q", deadline: soon)
                }
            }
            // It refuses a little late, and takes again when a fifth of it is free.
            var taken = 0
            while await publish() == nil, taken < 30 { taken += 1 }
            #expect((10...13).contains(taken))
            let collector = try await bench.collect("q", prefetch: 5)
            _ = try await collector.first(5)
            try await eventually { await publish() == nil }
        }
    }

    @Test(arguments: BrokerKind.allCases, [TestQueue.Kind.classic, .quorum])
    func whatIsTooMuchGoesFromTheHead(_ kind: BrokerKind, _ type: TestQueue.Kind) async throws {
        try await kind.withBench { bench in
            var queue = TestQueue("q", type)
            queue.maximumLength = 2
            queue.deadLetterExchange = ""
            queue.deadLetterRoutingKey = "dead"
            try await bench.declare(queue)
            try await bench.declare(TestQueue("dead"))
            try await bench.publish("1", "2", "3", "4", to: "q")
            let dead = try await bench.collect("dead").first(2)
            #expect(dead.map(\.message.text) == ["1", "2"])
            #expect(dead[0].message.deaths.first?["reason"] == "maxlen")
            #expect(try await bench.collect("q").first(2).map(\.message.text) == ["3", "4"])
        }
    }
}
