@testable import BrokerTopology
import Topology

/// A small shop: a gateway, events with retries, requests over the bus.
func sample(name: String = "shop") -> Topology {
    Topology(
        name: name,
        services: [
            Service(name: "gateway", command: ["/usr/bin/signalbox", "gateway"]),
            Service(name: "order", command: ["shop", "order"], publishes: ["shop.events"]),
            Service(name: "payment", command: ["shop", "payment"], publishes: ["shop.events"]),
            Service(name: "files", command: ["shop", "files"]),
        ],
        exchanges: [Exchange(name: "shop.events"), Exchange(name: "shop.audit", kind: .fanout, durable: false)],
        queues: [
            Queue(
                name: "payment.orders", bindings: [Binding(exchange: "shop.events", key: "inventory.reserved")], consumer: "payment",
                retry: RetryLadder(immediate: 2, delays: [.seconds(1), .milliseconds(2500)]), maximumLength: 1000, messageTTL: .seconds(60),
                singleActiveConsumer: true),
            Queue(name: "FileBrowser", kind: .classic, durable: false, consumer: "files"),
            Queue(name: "order.requests", consumer: "order"),
        ],
        routes: [
            Route(path: "/files", target: .queue("FileBrowser", replyMode: .exclusive)),
            Route(path: "/order", target: .queue("order.requests", replyMode: .exclusive)),
            Route(
                path: "/inventory", target: .service("order"), cache: RouteCache(ttl: .seconds(1), invalidateOn: ["inventory.updated"])),
        ])
}

let passwords = ["gateway": "g", "order": "o", "payment": "p", "files": "f"]

/// The state of a broker in which the declaration has been carried out.
func state(of declared: BrokerDeclaration) -> BrokerState {
    var state = BrokerState(administrator: "administrator")
    state.hasVirtualHost = true
    state.exchanges = declared.exchanges.map { .init(name: $0.name, kind: $0.kind.rawValue, durable: $0.durable) }
    state.queues = declared.queues.map {
        .init(
            name: $0.name, kind: $0.kind.rawValue, durable: $0.durable,
            arguments: $0.singleActiveConsumer ? ["x-single-active-consumer": .boolean(true)] : [:])
    }
    state.bindings = Set(declared.bindings.map { BrokerBinding($0) })
    state.policies = declared.policies.map {
        .init(name: $0.name, pattern: $0.pattern, appliesTo: "queues", priority: 10, definition: $0.definition)
    }
    state.users = declared.users.map {
        .init(
            name: $0.name, passwordHash: PasswordHash.make($0.password, salt: [1, 2, 3, 4]), hashingAlgorithm: PasswordHash.algorithm,
            tags: [])
    }
    state.permissions = declared.permissions + [.init(user: "administrator", configure: ".*", write: ".*", read: ".*")]
    return state
}
