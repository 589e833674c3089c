import Foundation
import Synchronization
import TestSupport
import Testing
import Topology

@testable import BrokerTopology

/// Against a real RabbitMQ, each test in a virtual host of its own.
struct BrokerAdministratorTests {
    private let broker: PrivateRabbitMQ
    private let name = "shop-\(UInt32.random(in: 0 ... .max))"
    private let administrator: BrokerAdministrator

    init() async throws {
        broker = try await PrivateRabbitMQ.shared()
        administrator = BrokerAdministrator(
            managementURL: broker.managementURL, user: broker.user, password: broker.password, virtualHost: name)
    }

    /// Without users: they belong to the whole broker, and the tests run at the same time.
    private func declare(_ topology: Topology, users: [String: String] = [:]) async throws {
        try await administrator.apply(.plan(BrokerDeclaration(topology: topology, users: users), administrator.read()))
    }

    private func publish(_ text: String, to queue: String, headers: String = "{}") async throws {
        let body =
            #"{"properties": {"message_id": "m-\#(text)", "delivery_mode": 2, "headers": \#(headers)}, "routing_key": "\#(queue)", "payload": "\#(text)", "payload_encoding": "string"}"#
        let answer = try await broker.manage("POST", "/api/exchanges/\(name)/amq.default/publish", body)
        #expect(answer.contains("true"))
    }

    private struct Message: Decodable {
        struct Properties: Decodable {
            var message_id: String?
            var headers: [String: JSONScalar]?
        }

        var payload: String
        var properties: Properties
    }

    /// All of a short queue: what is looked at goes to its end.
    private func messages(_ queue: String) async throws -> [Message] {
        let answer = try await broker.manage(
            "POST", "/api/queues/\(name)/\(queue)/get", #"{"count": 100, "ackmode": "ack_requeue_true", "encoding": "auto"}"#)
        return try JSONDecoder().decode([Message].self, from: Data(answer.utf8))
    }

    private func payloads(_ queue: String) async throws -> [String] { try await messages(queue).map(\.payload) }

    @Test func aWholeTopologyIsDeclaredOnceAndThenAgainForNothing() async throws {
        try await administrator.waitUntilReady(deadline: .now + .seconds(10))
        #expect(await administrator.isHealthy())
        let declared = BrokerDeclaration(topology: sample(name: name), users: passwords)
        let plan = BrokerPlan.plan(declared, try await administrator.read())
        #expect(plan.steps.first == .createVirtualHost(name))
        try await administrator.apply(plan)
        let again = BrokerPlan.plan(declared, try await administrator.read())
        #expect(again.isEmpty, "\(again)")
        #expect(again.undeclared.isEmpty)
        // Each step can be done again.
        try await administrator.apply(plan)
        #expect(BrokerPlan.plan(declared, try await administrator.read()).isEmpty)
    }

    /// A broker that is killed before then brings them back without a leader, and nothing may have come into them.
    @Test func nothingIsBoundBeforeNewQueuesAreOnDisk() async throws {
        let bindings = Mutex<[Int]>([])
        var administrator = administrator
        let plain = administrator
        administrator.settling = QueueSettling { queues in
            #expect(queues.contains("payment.orders") && !queues.contains("FileBrowser"))
            let state = try? await plain.read()
            #expect(state?.queue("payment.orders") != nil)
            bindings.withLock { $0.append(state?.bindings.count ?? -1) }
        }
        let declared = BrokerDeclaration(topology: sample(name: name), users: [:])
        try await administrator.apply(.plan(declared, administrator.read()))
        #expect(bindings.withLock { $0 } == [0])
        try await administrator.apply(.plan(declared, administrator.read()))
        #expect(bindings.withLock { $0 } == [0], "there was nothing new")
    }

    @Test func aChangeOfAPolicyReachesTheLivingQueue() async throws {
        var topology = sample(name: name)
        try await declare(topology)
        try await publish("one", to: "payment.orders")
        topology.queues[0].maximumLength = 5
        topology.queues[0].retry?.delays[0] = .seconds(7)
        let declared = BrokerDeclaration(topology: topology, users: [:])
        let plan = BrokerPlan.plan(declared, try await administrator.read())
        #expect(plan.steps.count == 2 && plan.refused.isEmpty, "\(plan)")
        try await administrator.apply(plan)
        try await eventually(within: .seconds(30)) {
            let queue = try await broker.manage("GET", "/api/queues/\(name)/payment.orders")
            return queue.contains(#""policy":"signalbox.payment.orders""#) && queue.contains(#""max-length":5"#)
        }
    }

    @Test func whatIsUndeclaredIsDeletedOnlyWhenAsked() async throws {
        try await declare(sample(name: name))
        let declared = BrokerDeclaration(topology: sample(name: name), users: [:])
        let odd = "a.#/~x y*é"
        for (method, path, body) in [
            ("PUT", "queues/\(name)/theirs", #"{"durable": true}"#), ("PUT", "exchanges/\(name)/old", #"{"type": "topic"}"#),
            ("POST", "bindings/\(name)/e/old/q/payment.orders", #"{"routing_key": "\#(odd)"}"#),
            ("POST", "bindings/\(name)/e/old/q/payment.orders", #"{"routing_key": "", "arguments": {"a": 1}}"#),
            ("POST", "bindings/\(name)/e/shop.events/q/payment.orders", #"{"routing_key": "\#(odd)"}"#),
            ("POST", "bindings/\(name)/e/shop.events/e/old", ##"{"routing_key": "#"}"##),
            ("PUT", "policies/\(name)/all", #"{"pattern": "^theirs$", "definition": {"max-length": 5}, "apply-to": "queues"}"#),
        ] { try await broker.manage(method, "/api/\(path)", body) }
        try await publish("one", to: "theirs")

        let plan = BrokerPlan.plan(declared, try await administrator.read())
        #expect(plan.steps == [.unbind(.init(source: "shop.events", destination: "payment.orders", key: odd))])
        #expect(plan.undeclared.count == 6, "\(plan.undeclared)")
        try await administrator.apply(plan)
        let after = BrokerPlan.plan(declared, try await administrator.read())
        #expect(after.isEmpty && after.undeclared.count == 6)
        try await administrator.apply(BrokerPlan.plan(declared, try await administrator.read(), prunes: true))
        let last = BrokerPlan.plan(declared, try await administrator.read())
        #expect(last.isEmpty && last.undeclared.isEmpty, "\(last)")
    }

    @Test func anExchangeComesToAnotherTypeWithAllItsBindings() async throws {
        var topology = sample(name: name)
        try await declare(topology)
        try await broker.manage("PUT", "/api/queues/\(name)/theirs", #"{"durable": true}"#)
        try await broker.manage("PUT", "/api/exchanges/\(name)/front", #"{"type": "fanout"}"#)
        try await broker.manage("POST", "/api/bindings/\(name)/e/shop.events/q/theirs", #"{"routing_key": "k"}"#)
        try await broker.manage("POST", "/api/bindings/\(name)/e/front/e/shop.events", #"{"routing_key": "f"}"#)
        let before = try await administrator.read().bindings
        for kind in [Exchange.Kind.direct, .fanout, .headers, .topic] {
            topology.exchanges[0].kind = kind
            let declared = BrokerDeclaration(topology: topology, users: [:])
            let plan = BrokerPlan.plan(declared, try await administrator.read())
            #expect(plan.exchangeMigrations.count == 1 && plan.steps.isEmpty, "\(plan)")
            // Each time by another, as if the one before had been killed after its step.
            var steps = 0
            while let migration = BrokerPlan.plan(declared, try await administrator.read()).exchangeMigrations.first {
                _ = try await administrator.advance(migration)
                steps += 1
                try #require(steps < 50)
            }
            let state = try await administrator.read()
            #expect(state.exchange("shop.events")?.kind == kind.rawValue && state.bindings == before)
            #expect(BrokerPlan.plan(declared, state).isEmpty)
        }
    }

    @Test func aMessageWaitsOnItsRungAndComesBack() async throws {
        var topology = sample(name: name)
        // RabbitMQ lets nobody look into a quorum queue with a single active consumer.
        topology.queues[0].singleActiveConsumer = false
        topology.queues[0].retry = RetryLadder(immediate: 0, delays: [.milliseconds(300)])
        try await declare(topology)
        try await publish("again", to: "payment.orders.retry.0")
        try await eventually { try await payloads("payment.orders") == ["again"] }
        #expect(try await payloads("payment.orders.retry.0").isEmpty)
    }

    @Test func aMessageThatNobodyTakesInTimeIsADeadLetter() async throws {
        var topology = sample(name: name)
        topology.queues[0].messageTTL = .milliseconds(200)
        try await declare(topology)
        try await publish("late", to: "payment.orders")
        try await eventually { try await payloads("payment.orders.dead") == ["late"] }
        let letter = try #require(try await messages("payment.orders.dead").first)
        #expect(letter.properties.message_id == "m-late")
        #expect(letter.properties.headers?["x-first-death-queue"] == .string("payment.orders"))
        #expect(letter.properties.headers?["x-first-death-reason"] == .string("expired"))
    }

    @Test func depthsAreCounted() async throws {
        try await declare(sample(name: name))
        for text in ["a", "b", "c"] { try await publish(text, to: "order.requests") }
        try await eventually(within: .seconds(30)) {
            try await administrator.queueDepths()["order.requests"] == QueueDepth(ready: 3, unacknowledged: 0, consumers: 0)
        }
    }

    @Test func aNewPasswordIsSetAndWorks() async throws {
        var topology = sample(name: name)
        let user = "u-\(UInt32.random(in: 0 ... .max))"
        topology.services = [Service(name: user, command: ["x"])]
        topology.queues = []
        topology.routes = []
        for password in ["first", "second"] {
            try await declare(topology, users: [user: password])
            let plan = BrokerPlan.plan(BrokerDeclaration(topology: topology, users: [user: password]), try await administrator.read())
            #expect(plan.isEmpty)
        }
        let plan = BrokerPlan.plan(BrokerDeclaration(topology: topology, users: [user: "first"]), try await administrator.read())
        #expect(plan.steps.count == 1)
    }

    @Test func wrongPasswordsAndAddressesAreTold() async throws {
        let stranger = BrokerAdministrator(managementURL: broker.managementURL, user: broker.user, password: "wrong", virtualHost: name)
        await #expect { try await stranger.read() } throws: { ($0 as? BrokerError)?.code == .unauthorized }
        #expect(await stranger.isHealthy() == false)
        let nowhere = BrokerAdministrator(managementURL: "http://127.0.0.1:\(freePort())", user: "a", password: "b", virtualHost: name)
        await #expect { try await nowhere.read() } throws: { ($0 as? BrokerError)?.code == .unreachable }
        await #expect { try await nowhere.waitUntilReady(deadline: .now + .milliseconds(300)) } throws: {
            ($0 as? BrokerError)?.code == .deadlineExceeded
        }
        let wrong = BrokerAdministrator(managementURL: "amqp://x", user: "a", password: "b", virtualHost: name)
        await #expect { try await wrong.read() } throws: { ($0 as? BrokerError)?.code == .invalidURL }
    }
}
