import Testing
import Topology

@testable import BrokerTopology

struct BrokerDeclarationTests {
    private let declared = BrokerDeclaration(topology: sample(), users: passwords)

    private func policy(_ queue: String) -> [String: JSONScalar]? { declared.policies.first { $0.queue == queue }?.definition }
    private func permission(_ user: String) -> BrokerDeclaration.DeclaredPermission? { declared.permissions.first { $0.user == user } }

    @Test func everyQueueHasItsLadderAndItsDeadLetters() {
        #expect(
            declared.queues.map(\.name) == [
                "payment.orders", "payment.orders.retry.0", "payment.orders.retry.1", "payment.orders.dead", "FileBrowser",
                "order.requests",
                "order.requests.dead",
            ])
        #expect(declared.queues.filter { $0.name != "FileBrowser" }.allSatisfy { $0.durable && $0.kind == .quorum })
        #expect(declared.queues.filter(\.singleActiveConsumer).map(\.name) == ["payment.orders"])
    }

    @Test func exchangesAndBindings() {
        #expect(declared.exchanges.map(\.name) == ["shop.events", "shop.audit", "signalbox.requests", "payment.retry", "order.retry"])
        #expect(declared.exchanges.dropFirst(2).allSatisfy { $0.kind == .direct && $0.durable })
        #expect(
            declared.bindings == [
                .init(exchange: "shop.events", queue: "payment.orders", key: "inventory.reserved"),
                .init(exchange: "payment.retry", queue: "payment.orders.retry.0", key: "payment.orders.retry.0"),
                .init(exchange: "payment.retry", queue: "payment.orders.retry.1", key: "payment.orders.retry.1"),
                .init(exchange: "payment.retry", queue: "payment.orders.dead", key: "payment.orders.dead"),
                .init(exchange: "signalbox.requests", queue: "FileBrowser", key: "FileBrowser"),
                .init(exchange: "signalbox.requests", queue: "order.requests", key: "order.requests"),
                .init(exchange: "order.retry", queue: "order.requests.dead", key: "order.requests.dead"),
            ])
    }

    @Test func policiesSayWhatMayChange() {
        #expect(
            policy("payment.orders") == [
                "dead-letter-exchange": .string(""), "dead-letter-routing-key": .string("payment.orders.dead"),
                "dead-letter-strategy": .string("at-least-once"), "overflow": .string("reject-publish"), "max-length": .integer(1000),
                "message-ttl": .integer(60_000), "delivery-limit": .integer(20),
            ])
        #expect(
            policy("payment.orders.retry.1") == [
                "dead-letter-exchange": .string(""), "dead-letter-routing-key": .string("payment.orders"),
                "dead-letter-strategy": .string("at-least-once"), "overflow": .string("reject-publish"), "message-ttl": .integer(2500),
            ])
        #expect(policy("payment.orders.dead") == ["delivery-limit": .integer(BrokerDeclaration.deadLetterDeliveryLimit)])
        #expect(policy("FileBrowser") == nil)
        #expect(policy("order.requests") == ["delivery-limit": .integer(20)], "requests that run out are no dead letters")
        let pattern = declared.policies.first { $0.queue == "payment.orders" }?.pattern
        #expect(pattern == #"^payment\.orders$"#)
    }

    @Test func aClassicDurableQueueDeadLettersAtMostOnce() {
        var topology = sample()
        topology.queues = [Queue(name: "q", kind: .classic, consumer: "order")]
        let declared = BrokerDeclaration(topology: topology, users: [:])
        #expect(
            declared.policies.first { $0.queue == "q" }?.definition
                == ["dead-letter-exchange": .string(""), "dead-letter-routing-key": .string("q.dead")])
    }

    @Test func usersTouchTheirOwnAlone() {
        #expect(declared.users.map(\.name) == ["gateway", "order", "payment", "files"])
        #expect(
            permission("payment")
                == .init(user: "payment", configure: "^$", write: #"^(shop\.events|payment\.retry)$"#, read: #"^(payment\.orders)$"#))
        #expect(
            permission("files") == .init(user: "files", configure: "^$", write: #"^(files\.retry|amq\.default)$"#, read: "^(FileBrowser)$"))
        #expect(
            permission("gateway")
                == .init(
                    user: "gateway", configure: #"^(signalbox\.(reply|cache)\..*)$"#,
                    write: #"^(gateway\.retry|signalbox\.requests|signalbox\.(reply|cache)\..*)$"#,
                    read: #"^(signalbox\.(reply|cache)\..*|shop\.events)$"#))
    }

    @Test func servicesWithoutAPasswordHaveNoUser() {
        let declared = BrokerDeclaration(topology: sample(), users: ["order": "o"])
        #expect(declared.users.map(\.name) == ["order"])
        #expect(declared.permissions.map(\.user) == ["order"])
    }

    @Test(arguments: ["a.b", "a+b", "a(b)", "a|b", "a[b]", "a$", "^a", "a*?", "a\\b", "a{1}"])
    func namesAreEscaped(name: String) throws {
        let pattern = try Regex(BrokerPattern.any(of: [BrokerPattern.escaped(name)]))
        #expect(name.wholeMatch(of: pattern) != nil)
        #expect("aXb".wholeMatch(of: pattern) == nil)
    }
}
