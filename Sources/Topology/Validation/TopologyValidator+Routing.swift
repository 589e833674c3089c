/// That what is published arrives somewhere, and that what is bound can arrive.
extension TopologyValidator {
    func validateRouting() {
        for service in topology.services {
            for (index, name) in service.publishes.enumerated() {
                guard let exchange = topology.exchange(named: name) else { continue }
                validatePublications(of: service, to: exchange, at: servicesPath / service.name / "publishes" / index)
            }
        }
        for queue in topology.queues {
            for (index, binding) in queue.bindings.enumerated() {
                guard let exchange = topology.exchange(named: binding.exchange) else { continue }
                let path = queuesPath / queue.name / "bindings" / index
                validateLasting(of: queue, to: exchange, at: path / "exchange")
                guard validateKey(of: binding, at: path / "key", exchange) else { continue }
                validateReach(of: binding, at: path, exchange)
            }
        }
        for (index, route) in topology.routes.enumerated() {
            validateInvalidation(of: route, at: routesPath / index / "cache" / "invalidate_on")
        }
    }

    private func validatePublications(of service: Service, to exchange: Exchange, at path: FieldPath) {
        let place = log.hasValue(at: path / "exchange") ? path / "exchange" : path
        let bindings = topology.queues.flatMap(\.bindings).filter { $0.exchange == exchange.name }
        guard !bindings.isEmpty else {
            return log.report(
                "no queue is bound to the exchange \(exchange.name), so that whatever is published there would come back; bind a queue to it, or remove it here",
                ofValueAt: place)
        }
        for (index, event) in (service.publishedEvents[exchange.name] ?? []).enumerated()
        where RoutingKey.isEventType(event) && flow.queues(taking: event, from: exchange).isEmpty {
            log.report(noRoute(for: event, from: exchange, bindings), ofValueAt: path / "events" / index)
        }
    }

    private func noRoute(for event: String, from exchange: Exchange, _ bindings: [Binding]) -> String {
        let problem = "no queue takes \"\(event)\" from \(exchange.name), so that each one would come back"
        let elsewhere = topology.exchanges.first {
            ($0.kind == .topic || $0.kind == .direct) && $0.name != exchange.name && !flow.queues(taking: event, from: $0).isEmpty
        }
        if let key = SpellingAid.nearest(to: event, in: Set(bindings.map(\.key)).sorted()) {
            return "\(problem); a binding has the key \"\(key)\": correct one of them"
        }
        if let elsewhere, let queue = flow.queues(taking: event, from: elsewhere).first {
            return "\(problem); \(queue.name) takes it from \(elsewhere.name): publish it there, or bind the queue here"
        }
        if topology.cacheEvents.contains(event) {
            return "\(problem): the gateway's cache listens to it, but is not there all the time; bind a queue with the key \"\(event)\""
        }
        return "\(problem); bind a queue with the key \"\(event)\", or remove it here"
    }

    /// - Returns: whether the key says something that can be compared with event types.
    private func validateKey(of binding: Binding, at path: FieldPath, _ exchange: Exchange) -> Bool {
        let key = binding.key
        guard !key.isEmpty else { return exchange.kind == .fanout || exchange.kind == .headers }
        let words = RoutingKey.words(key)
        switch exchange.kind {
        case .fanout, .headers:
            log.report(
                "the \(exchange.kind.rawValue) exchange \(exchange.name) does not look at routing keys, so that \"\(key)\" says nothing; remove it, or make the exchange a topic",
                ofValueAt: path)
            return false
        case .direct where words.contains("*") || words.contains("#"):
            log.report(
                "the direct exchange \(exchange.name) compares keys letter by letter, so that \"\(key)\" is no pattern; write the event types out, or make the exchange a topic",
                ofValueAt: path)
            return false
        case .direct: return true
        case .topic:
            if let word = words.first(where: { $0.count > 1 && $0.contains(where: { "*#".contains($0) }) }) {
                log.report(
                    "found \"\(key)\": * and # stand for whole words between dots, and in \"\(word)\" they are ordinary characters; write \"*\" for any one word or \"#\" for any number",
                    ofValueAt: path)
                return false
            }
            if words.contains("") {
                log.report(
                    "found \"\(key)\", in which a word between the dots is empty, as no event type has; remove a dot", ofValueAt: path)
                return false
            }
            return true
        }
    }

    private func validateReach(of binding: Binding, at path: FieldPath, _ exchange: Exchange) {
        let publishers = flow.publishers(of: exchange.name)
        if publishers.isEmpty, !exchange.external {
            return log.report(
                "no service publishes to \(exchange.name), so that nothing comes by this binding; add it to a service's publishes, or write \"external: true\" at the exchange where programs outside this file do",
                ofValueAt: path / "exchange")
        }
        guard let events = flow.events(on: exchange), !events.contains(where: { flow.passes($0, by: binding, of: exchange) }) else {
            return
        }
        let advice =
            SpellingAid.nearest(to: binding.key, in: events).map { "did you mean \"\($0)\"?" }
            ?? "published are \(Self.list(events))"
        log.report(
            "nothing that is published to \(exchange.name) has a type that fits \"\(binding.key)\"; \(advice)", ofValueAt: path / "key")
    }

    /// Events come to a cache by topic exchanges alone.
    private func validateInvalidation(of route: Route, at path: FieldPath) {
        guard let types = route.cache?.invalidateOn, !types.isEmpty else { return }
        let topics = topology.exchanges.filter { $0.kind == .topic }
        guard !topics.isEmpty else {
            return log.report(
                "events come to the cache by topic exchanges, and the file declares none; declare the exchange that they are published to",
                ofValueAt: path)
        }
        var known: [String] = []
        for exchange in topics {
            guard let events = flow.events(on: exchange) else { return }
            known += events
        }
        for (index, type) in types.enumerated() where !known.contains(type) {
            let advice = SpellingAid.nearest(to: type, in: known).map { "did you mean \"\($0)\"?" } ?? "published are \(Self.list(known))"
            log.report("no service publishes \"\(type)\", so that it never comes; \(advice)", ofValueAt: path / index)
        }
    }

    /// The first of them, for a person.
    static func list(_ names: [String]) -> String {
        guard !names.isEmpty else { return "none" }
        return names.prefix(maximumListed).joined(separator: ", ") + (names.count > maximumListed ? " …" : "")
    }

    private static var maximumListed: Int { 12 }
}
