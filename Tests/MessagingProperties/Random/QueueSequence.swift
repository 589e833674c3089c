import AMQP
import ServiceTestKit
import Testing
import TestSupport

/// A sequence of commands on one queue, made from a seed and carried out one by one, each until nothing moves any more. After each the broker
/// must be as the oracle says.
struct QueueSequence {
    static let length = 30
    private static let mostConsumers = 3
    private static let lifetime: Duration = .milliseconds(20)

    private let bench: any Bench
    private let publisher: Client<any MessagePublishing>
    private var random: SplitMix
    private var oracle: QueueOracle
    private var collectors: [Int: Collector] = [:]
    /// How many deliveries of each collector the oracle knows.
    private var known: [Int: Int] = [:]
    /// Those that can still be settled, by consumer and message.
    private var inHand: [Int: [Int: AMQPDelivery]] = [:]
    private var lastConsumer = 0
    private(set) var story: [String] = []

    init(seed: UInt64, on bench: any Bench) async throws {
        random = SplitMix(seed: seed)
        self.bench = bench
        var queue = TestQueue("q", .quorum)
        switch random.next(5) {
        case 0, 1: queue.kind = .classic
        case 2: break
        case 3: queue.deliveryLimit = 2
        default: queue.deliveryLimit = 20
        }
        queue.isSingleActiveConsumer = random.next(3) == 0
        if random.next(4) == 0 { queue.maximumLength = 4 }
        queue.deadLetterExchange = ""
        queue.deadLetterRoutingKey = "dead"
        oracle = QueueOracle(queue)
        publisher = try await bench.publisher()
        story.append("\(queue)")
        try await bench.declare(TestQueue("dead", .classic))
        try await bench.declare(queue)
    }

    /// - Throws: what differs.
    mutating func run() async throws {
        for _ in 0..<Self.length {
            try await step()
            try await settleDown()
        }
        try await end()
    }

    private var alive: [Int] { oracle.consumers.filter { !$0.isCancelled }.map(\.id) }

    private mutating func step() async throws {
        let holding = oracle.consumers.filter { !$0.held.isEmpty }
        switch random.next(100) {
        case 0..<35: try await publish(1 + random.next(4))
        case 35..<50 where alive.count < Self.mostConsumers: try await consume(prefetch: 1 + random.next(4))
        case 50..<58 where !alive.isEmpty: try await lose(alive[random.next(alive.count)])
        // RabbitMQ 3.10 gives the next single active consumer of a classic queue nothing before something else happens to the queue.
        case 58..<61 where !alive.isEmpty && !(oracle.queue.kind == .classic && oracle.queue.isSingleActiveConsumer):
            try await cancel(alive[random.next(alive.count)])
        case 61..<66 where oracle.room == 0: try await publishDoomed()
        case 66..<100 where !holding.isEmpty:
            let consumer = holding[random.next(holding.count)]
            let message = consumer.held[random.next(consumer.held.count)]
            switch random.next(10) {
            case 0..<3: try await settle(message.number, of: consumer.id, .rejected(requeue: true))
            case 3: try await settle(message.number, of: consumer.id, .rejected(requeue: false))
            case 4, 5:
                for message in consumer.held { try await settle(message.number, of: consumer.id, .acknowledged) }
            default: try await settle(message.number, of: consumer.id, .acknowledged)
            }
        default: try await publish(1)
        }
    }

    // MARK: - Commands

    private mutating func publish(_ count: Int) async throws {
        for _ in 0..<count {
            let number = oracle.publish()
            story.append("publish \(number)")
            try await publisher.link.publish(AMQPMessage("\(number)"), to: "", routingKey: "q", deadline: soon)
            try await settleDown()
        }
    }

    private mutating func publishDoomed() async throws {
        let number = oracle.publish(isDoomed: true)
        story.append("publish \(number), which expires")
        var message = AMQPMessage("\(number)")
        message.properties.expiration = Self.lifetime
        try await publisher.link.publish(message, to: "", routingKey: "q", deadline: soon)
        try await bench.pass(Self.lifetime)
    }

    private mutating func consume(prefetch: Int) async throws {
        lastConsumer += 1
        story.append("consumer \(lastConsumer), prefetch \(prefetch)")
        oracle.add(lastConsumer, prefetch: prefetch)
        collectors[lastConsumer] = try await bench.attach("q", prefetch: prefetch)
    }

    private mutating func settle(_ number: Int, of id: Int, _ settlement: AMQPDelivery.Settlement) async throws {
        story.append("\(settlement) \(number) by consumer \(id)")
        let delivery = inHand[id]?.removeValue(forKey: number)
        switch settlement {
        case .acknowledged:
            oracle.acknowledge(number, of: id)
            await delivery?.ack()
        case .rejected(let requeue):
            oracle.reject(number, of: id, requeue: requeue)
            await delivery?.reject(requeue: requeue)
        }
        try await settleDown()
    }

    private mutating func cancel(_ id: Int) async throws {
        story.append("cancel consumer \(id)")
        oracle.cancel(id)
        if let collector = collectors[id] { await collector.client.link.cancel(collector.deliveries) }
    }

    /// By releasing it or by cutting its connection, for good.
    private mutating func lose(_ id: Int) async throws {
        let isCut = random.next(2) == 0
        story.append("\(isCut ? "cut" : "release") consumer \(id)")
        oracle.lose(id)
        inHand[id] = nil
        if isCut { try await collectors[id]?.client.cut() } else { await collectors[id]?.release() }
        try await settleDown()
    }

    // MARK: - What follows

    /// Waits until the broker has handed out what the oracle says, and compares.
    private mutating func settleDown() async throws {
        let expected = oracle.deliver()
        let count = expected.count
        do {
            try await eventually(within: .seconds(20)) { news.count >= count }
        } catch {
            throw Difference("expected \(expected.map(\.number)), delivered \(news.map { "\($0.message.message.text) to \($0.consumer)" })")
        }
        let arrived = news
        for message in expected {
            guard let place = arrived.first(where: { $0.message.message.text == "\(message.number)" }) else {
                throw Difference("\(message.number) was not delivered, but \(arrived.map(\.message.message.text))")
            }
            guard oracle.maybeActive(place.consumer), oracle.consumer(place.consumer).map({ $0.room > 0 }) == true else {
                throw Difference("\(message.number) was delivered to consumer \(place.consumer), whose turn it is not")
            }
            try compare(message, place.message)
            oracle.handOut(message, to: place.consumer)
            inHand[place.consumer, default: [:]][message.number] = place.message
        }
        guard arrived.count == count else {
            throw Difference("expected \(expected.map(\.number)), delivered \(arrived.map(\.message.message.text))")
        }
        for (id, collector) in collectors {
            let own = collector.all.dropFirst(known[id] ?? 0).map(\.message.text)
            let order = expected.map { "\($0.number)" }.filter(own.contains)
            guard own == order else { throw Difference("consumer \(id) got \(own), expected that order: \(order)") }
            known[id] = collector.all.count
        }
        let (ready, dead) = (oracle.ready.count, oracle.dead.count)
        var found = (0, 0)
        do {
            try await eventually(within: .seconds(20)) {
                found = (try await bench.inspect("q").messages, try await bench.inspect("dead").messages)
                return found == (ready, dead)
            }
        } catch {
            throw Difference("expected \(ready) messages waiting and \(dead) dead, found \(found)")
        }
    }

    private var news: [(consumer: Int, message: AMQPDelivery)] {
        collectors.flatMap { id, collector in collector.all.dropFirst(known[id] ?? 0).map { (id, $0) } }
    }

    private func compare(_ message: QueueOracle.Message, _ delivery: AMQPDelivery) throws {
        let isQuorum = oracle.queue.kind == .quorum
        let isRedelivered = isQuorum ? message.returns > 0 : message.wasDelivered
        guard delivery.isRedelivered == isRedelivered else {
            throw Difference("\(message.number): expected redelivered \(isRedelivered)")
        }
        let count = isQuorum && message.returns > 0 ? message.returns : nil
        guard delivery.deliveryCount == count else {
            throw Difference("\(message.number): expected delivery count \(count ?? 0), found \(delivery.deliveryCount ?? 0)")
        }
    }

    /// What waits comes in its order, and the dead letters with their reasons.
    private mutating func end() async throws {
        story.append("end")
        for consumer in oracle.consumers { try await lose(consumer.id) }
        try await consume(prefetch: 1000)
        try await settleDown()
        let expected = oracle.dead
        let dead = try await bench.collect("dead").first(expected.count).map {
            QueueOracle.Death(number: Int($0.message.text) ?? 0, reason: $0.message.deaths.first?["reason"]?.string ?? "")
        }
        guard dead == expected else { throw Difference("expected the dead letters \(expected), found \(dead)") }
    }
}

/// Between a broker and the oracle.
struct Difference: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
