/// Which events come to which queues, as far as the file says.
package struct MessageFlow {
    private let topology: Topology

    package init(_ topology: Topology) { self.topology = topology }

    package func publishers(of exchange: String) -> [Service] {
        topology.services.filter { $0.publishes.contains(exchange) }
    }

    /// The event types that are published to the exchange, each once. Nil: not all are known, because somebody names the exchange alone
    /// or is not in the file.
    package func events(on exchange: Exchange) -> [String]? {
        guard !exchange.external else { return nil }
        var seen: Set<String> = []
        var events: [String] = []
        for service in publishers(of: exchange.name) {
            guard let types = service.publishedEvents[exchange.name] else { return nil }
            events += types.filter { seen.insert($0).inserted }
        }
        return events
    }

    package func passes(_ event: String, by binding: Binding, of exchange: Exchange) -> Bool {
        switch exchange.kind {
        case .topic: RoutingKey.matches(event, pattern: binding.key)
        case .direct: binding.key == event
        // Without arguments, which the file cannot give, a headers exchange passes everything on.
        case .fanout, .headers: true
        }
    }

    package func queues(taking event: String, from exchange: Exchange) -> [Queue] {
        topology.queues.filter { queue in
            queue.bindings.contains { $0.exchange == exchange.name && passes(event, by: $0, of: exchange) }
        }
    }

    /// The events of the file that come to the queue, each with the exchange that it comes by.
    package func events(takenBy queue: Queue) -> [(event: String, exchange: Exchange)] {
        topology.exchanges.flatMap { exchange -> [(event: String, exchange: Exchange)] in
            let bindings = queue.bindings.filter { $0.exchange == exchange.name }
            guard !bindings.isEmpty else { return [] }
            var seen: Set<String> = []
            return publishers(of: exchange.name).flatMap { $0.publishedEvents[exchange.name] ?? [] }
                .filter { event in bindings.contains { passes(event, by: $0, of: exchange) } && seen.insert(event).inserted }
                .map { ($0, exchange) }
        }
    }

    /// Whether a route puts requests into the queue.
    package func isRequested(_ queue: String) -> Bool {
        topology.routes.contains { if case .queue(queue, _) = $0.target { true } else { false } }
    }
}
