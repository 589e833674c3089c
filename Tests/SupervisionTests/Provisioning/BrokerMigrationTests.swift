import AMQP
import BrokerTopology
import Logging
import Synchronization
@testable import Supervision
import TestSupport
import Testing
import Topology

/// Against a real RabbitMQ, under load: publishers that wait for each confirm, as the outbox does for each key, and consumers that hold what
/// they take for a while.
@Suite(.timeLimit(.minutes(5)), .serialized)
struct BrokerMigrationTests {
    struct Change: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var from: Queue
        var to: Queue

        init(_ description: String, _ from: Queue, _ to: Queue) {
            testDescription = description
            self.from = from
            self.to = to
        }
    }

    private static func queue(_ kind: Queue.Kind, durable: Bool = true, single: Bool = false) -> Queue {
        Queue(
            name: "q", kind: kind, durable: durable,
            bindings: [Binding(exchange: "x", key: "even"), Binding(exchange: "x", key: "odd")], consumer: "s", maximumLength: 5000,
            singleActiveConsumer: single)
    }

    static let changes = [
        Change("classic to quorum", queue(.classic), queue(.quorum)),
        Change("quorum to quorum with a single active consumer", queue(.quorum), queue(.quorum, single: true)),
        Change("not durable to durable", queue(.classic, durable: false), queue(.classic)),
    ]

    /// Another migrator for every step, each of them killed within the next one for all that the broker can tell.
    @Test(arguments: changes)
    func aQueueIsMigratedUnderLoad(change: Change) async throws {
        let load = try await MigrationLoad()
        do {
            try await load.declare(Self.topology(load.name, change.from))
            try await load.begin()
            try await eventually { load.record.handled > 50 }
            let declared = BrokerDeclaration(topology: Self.topology(load.name, change.to), users: [:])
            // What belongs to it and has no messages is declared as ever.
            try await load.administrator.apply(.plan(declared, load.administrator.read()))
            try await load.migrate(declared)
            let before = load.record.handled
            try await eventually { load.record.handled > before + 50 }
        } catch {
            await load.end()
            throw error
        }
        await load.end()
        load.record.check()
        let declared = BrokerDeclaration(topology: Self.topology(load.name, change.to), users: [:])
        let plan = BrokerPlan.plan(declared, try await load.administrator.read())
        #expect(plan.isEmpty && plan.undeclared.isEmpty, "\(plan)")
    }

    /// As it is in earnest: without being killed, and how long publishers are held back by it.
    @Test func publishersAreHeldBackForAMomentOnly() async throws {
        let load = try await MigrationLoad()
        do {
            try await load.declare(Self.topology(load.name, Self.queue(.quorum)))
            try await load.begin()
            try await eventually { load.record.handled > 50 }
            let declared = BrokerDeclaration(topology: Self.topology(load.name, Self.queue(.quorum, single: true)), users: [:])
            try await load.migrate(declared, stepsAtOnce: 1000)
        } catch {
            await load.end()
            throw error
        }
        await load.end()
        load.record.check()
        #expect(load.record.longestPause < .seconds(10))
    }

    @Test func anExchangeIsMigratedThereAndBackUnderLoad() async throws {
        let load = try await MigrationLoad()
        do {
            try await load.declare(Self.topology(load.name, Self.queue(.quorum)))
            try await load.begin()
            for kind in [Exchange.Kind.direct, .topic, .fanout, .topic] {
                let before = load.record.handled
                try await eventually { load.record.handled > before + 50 }
                var topology = Self.topology(load.name, Self.queue(.quorum))
                topology.exchanges[0].kind = kind
                let declared = BrokerDeclaration(topology: topology, users: [:])
                while let migration = BrokerPlan.plan(declared, try await load.administrator.read()).exchangeMigrations.first {
                    _ = try await load.administrator.advance(migration)
                }
                #expect(try await load.administrator.read().exchange("x")?.kind == kind.rawValue)
            }
            let before = load.record.handled
            try await eventually { load.record.handled > before + 50 }
        } catch {
            await load.end()
            throw error
        }
        await load.end()
        load.record.check()
    }

    @Test func manyMessagesAreMovedInTheirOrderWhateverTheyCarry() async throws {
        let broker = try await PrivateRabbitMQ.shared()
        let name = try await broker.makeVirtualHost()
        let url = broker.url(virtualHost: name)
        for queue in ["from", "to"] { try await broker.manage("PUT", "/api/queues/\(name)/\(queue)", #"{"durable": true}"#) }
        try await broker.manage("PUT", "/api/exchanges/\(name)/over", #"{"type": "fanout"}"#)
        try await broker.manage("POST", "/api/bindings/\(name)/e/over/q/to", #"{"routing_key": ""}"#)
        let configuration = try AMQPConfiguration(url: url, connectionName: "test")
        let publisher = AMQPPublisher(configuration: configuration, logger: .quiet)
        let count = 3000
        func message(_ number: Int) -> AMQPMessage {
            AMQPMessage(
                properties: .init(
                    messageID: "m\(number)", type: "t", expiration: .seconds(1000), timestamp: 7, priority: 3,
                    headers: ["n": .int(Int64(number)), "text": .string("ü")]), body: Array("\(number)".utf8))
        }
        for start in stride(from: 0, to: count, by: 100) {
            var tasks: [Task<Void, any Error>] = []
            for number in start..<start + 100 {
                tasks.append(
                    Task.immediate {
                        try await publisher.publish(message(number), to: "", routingKey: "from", deadline: .now + .seconds(30))
                    })
            }
            for task in tasks { try await task.value }
        }
        let mover = AMQPMessageMover(url: url, logger: .quiet)
        var moved = 0
        var rounds = 0
        // Stopped again and again in the midst of it.
        while moved < count, rounds < 500 {
            let outcome = try await mover.move(from: "from", through: "over", limit: .milliseconds(rounds < 20 ? 20 : 1000))
            moved += outcome.moved
            rounds += 1
        }
        let consumer = AMQPConsumer(configuration: configuration, logger: .quiet)
        let deliveries = try await consumer.consume(queue: "to", prefetch: 500)
        var iterator = deliveries.makeAsyncIterator()
        for number in 0..<count {
            guard let delivery = await iterator.next() else { break }
            #expect(delivery.message == message(number) && delivery.routingKey == "from")
            await delivery.ack()
        }
        await consumer.close()
        await publisher.close()
    }

    static func topology(_ name: String, _ queue: Queue) -> Topology {
        Topology(
            name: name, services: [Service(name: "s", command: ["x"], publishes: ["x"])], exchanges: [Exchange(name: "x")],
            queues: [
                queue,
                Queue(name: "other", bindings: [Binding(exchange: "x", key: "even"), Binding(exchange: "x", key: "odd")], consumer: "s"),
            ])
    }
}

extension Logger {
    fileprivate static var quiet: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }
}
