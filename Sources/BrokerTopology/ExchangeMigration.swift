import Topology

/// Brings an exchange to another type under its name, while services publish to it.
///
/// A message goes to all the queues it belongs to, or is refused and sent again by its publisher (404 or returned as unroutable, for some
/// milliseconds); it never goes to a part of them. For that, a detour exchange of the new type takes all the bindings first. When the new
/// exchange is there, one binding leads through the detour to everything (one for each key, if it is a direct exchange), and its own
/// bindings follow. RabbitMQ gives a queue that is reached in both ways one copy.
///
/// Pure: what comes next is computed from the broker's state, so that whoever goes on after a crash goes on from there.
package struct ExchangeMigration: Sendable, Equatable {
    package var exchange: BrokerDeclaration.DeclaredExchange
    /// Those that are declared, without those of queues that are being migrated.
    package var bindings: Set<BrokerBinding>
    /// Those that are there and not declared any more.
    package var stale: Set<BrokerBinding> = []
    /// What differs; nothing where it was begun before, or where the exchange is missing.
    package var reasons: [String]

    package var differences: [String] {
        reasons.isEmpty ? ["the exchange \(exchange.name) is not there as declared"] : reasons.map { "exchange \(exchange.name): \($0)" }
    }

    package var description: String {
        reasons.isEmpty
            ? "declare the \(exchange.kind.rawValue) exchange \(name) with all its bindings at once"
            : "migrate the exchange \(name) while services run: \(reasons.joined(separator: ", "))"
    }

    private var name: String { exchange.name }
    private var detour: String { MigrationNames.exchange(for: exchange.name) }

    /// - Returns: nil when all is done.
    package func next(_ state: BrokerState) -> MigrationStep? {
        let exclusive = Set(state.queues.filter(\.exclusive).map(\.name))
        let kept = state.bindings(from: name).filter { isLasting($0, exclusive) && !stale.contains($0) }
        let routes = bindings.union(kept).union(state.bindings(from: detour).map { $0.from(name) }).subtracting(stale)
        let isThere = state.exchange(name) != nil
        let isRight = isThere && reasons.isEmpty
        if state.exchange(detour) == nil {
            guard !isRight else { return nil }
            return .change(.declareExchange(.init(name: detour, kind: exchange.kind, durable: true)))
        }
        if !isRight {
            if let missing = routes.sorted().first(where: { !state.bindings.contains($0.from(detour)) }) {
                return .change(.bind(missing.from(detour)))
            }
            if let inbound = missingInbound(of: detour, asOf: name, state) { return .change(.bind(inbound)) }
            return .change(isThere ? .deleteExchange(name) : .declareExchange(exchange))
        }
        let missing = routes.sorted().first { !state.bindings.contains($0) }
        if missing != nil, let way = detourBindings(routes).first(where: { !state.bindings.contains($0) }) { return .change(.bind(way)) }
        if let missing { return .change(.bind(missing)) }
        if let inbound = missingInbound(of: name, asOf: detour, state) { return .change(.bind(inbound)) }
        return nil
    }

    /// The last step, once `next` has nothing to do: nil where it is done.
    package func last(_ state: BrokerState) -> MigrationStep? {
        state.exchange(detour) == nil ? nil : .change(.deleteExchange(detour))
    }

    /// Queues of the gateways' caches were bound to the exchange by their owners, who do so again when they connect anew. No other
    /// connection can bind them.
    package func orphans(_ state: BrokerState) -> [String] {
        let bound = Set(state.bindings(from: name).map(\.destination))
        return state.queues.filter { $0.exclusive && $0.name.hasPrefix("signalbox.cache.") && !bound.contains($0.name) }.map(\.name)
    }

    private func isLasting(_ binding: BrokerBinding, _ exclusive: Set<String>) -> Bool {
        binding.isToExchange ? binding.destination != detour : !exclusive.contains(binding.destination)
    }

    /// What leads to the one exchange and not to the other yet.
    private func missingInbound(of wanted: String, asOf other: String, _ state: BrokerState) -> BrokerBinding? {
        state.bindings(toExchange: other).filter { $0.source != name && $0.source != detour }.map { $0.to(wanted) }.sorted()
            .first { !state.bindings.contains($0) }
    }

    private func detourBindings(_ routes: Set<BrokerBinding>) -> [BrokerBinding] {
        let keys: [String] =
            switch exchange.kind {
            case .topic: ["#"]
            case .fanout, .headers: [""]
            case .direct: Set(routes.map(\.key)).sorted()
            }
        return keys.map { BrokerBinding(source: name, destination: detour, isToExchange: true, key: $0) }
    }
}
