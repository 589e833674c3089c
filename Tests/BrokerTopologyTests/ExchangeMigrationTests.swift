import Testing
import Topology

@testable import BrokerTopology

/// Step by step against a broker in memory: what a message that is published between any two steps reaches.
struct ExchangeMigrationTests {
    private static let kinds = Exchange.Kind.allCases.flatMap { from in Exchange.Kind.allCases.map { (from, $0) } }.filter { $0.0 != $0.1 }

    @Test(arguments: kinds)
    func aMessageReachesAllOfItsQueuesOrNone(from: Exchange.Kind, to: Exchange.Kind) throws {
        let queues = (0..<3).map { Queue(name: "q\($0)", bindings: [Binding(exchange: "x", key: "k")], consumer: "s") }
        var topology = Topology(
            name: "v", services: [Service(name: "s", command: ["x"])], exchanges: [Exchange(name: "x", kind: from)], queues: queues)
        var state = state(of: BrokerDeclaration(topology: topology, users: [:]))
        state.administrator = "administrator"
        state.bindings.insert(.init(source: "x", destination: "theirs", key: "k"))
        topology.exchanges[0].kind = to
        let declared = BrokerDeclaration(topology: topology, users: [:])
        var steps = 0
        while let migration = BrokerPlan.plan(declared, state).exchangeMigrations.first {
            let current = migration.current(state)
            guard case .change(let step)? = current.next(state) ?? current.last(state) else { break }
            carryOut(step, on: &state)
            let reached = reached(from: "x", key: "k", in: state)
            #expect(reached.isEmpty || reached == ["q0", "q1", "q2", "theirs"], "\(step): \(reached)")
            steps += 1
            try #require(steps < 100)
        }
        #expect(BrokerPlan.plan(declared, state).isEmpty)
        #expect(reached(from: "x", key: "k", in: state) == ["q0", "q1", "q2", "theirs"])
        #expect(!state.exchanges.contains { $0.name == MigrationNames.exchange(for: "x") })
    }

    @Test func whatTheGatewayHadBoundIsBoundByItself() {
        let declared = BrokerDeclaration(topology: sample(), users: [:])
        var state = state(of: declared)
        state.queues.append(.init(name: "signalbox.cache.gateway.1", kind: "classic", durable: false, exclusive: true))
        state.exchanges.append(.init(name: MigrationNames.exchange(for: "shop.events"), kind: "topic", durable: true))
        let migration = BrokerPlan.plan(declared, state).exchangeMigrations.first
        #expect(migration?.orphans(state) == ["signalbox.cache.gateway.1"])
        #expect(migration?.next(state) == nil)
        #expect(migration?.last(state) == .change(.deleteExchange("shop.events.signalbox-migration")))
    }

    private func carryOut(_ step: BrokerStep, on state: inout BrokerState) {
        switch step {
        case .declareExchange(let exchange):
            state.exchanges.append(.init(name: exchange.name, kind: exchange.kind.rawValue, durable: exchange.durable))
        case .deleteExchange(let name):
            state.exchanges.removeAll { $0.name == name }
            state.bindings = state.bindings.filter { $0.source != name && !($0.isToExchange && $0.destination == name) }
        case .bind(let binding): state.bindings.insert(binding)
        case .unbind(let binding): state.bindings.remove(binding)
        default: Issue.record("\(step)")
        }
    }

    private func reached(from exchange: String, key: String, in state: BrokerState) -> Set<String> {
        guard let kind = state.exchange(exchange)?.kind else { return [] }
        var queues: Set<String> = []
        for binding in state.bindings(from: exchange) {
            let fits = kind == "fanout" || kind == "headers" || binding.key == key || kind == "topic" && binding.key == "#"
            guard fits else { continue }
            if binding.isToExchange {
                queues.formUnion(reached(from: binding.destination, key: key, in: state))
            } else {
                queues.insert(binding.destination)
            }
        }
        return queues
    }
}
