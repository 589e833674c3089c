/// Checks what one value alone cannot show: that names find what they name, and that the parts do not contradict each other.
struct TopologyValidator {
    let topology: Topology
    let log: MistakeLog

    let servicesPath = FieldPath() / "services"
    let queuesPath = FieldPath() / "queues"
    private let exchangesPath = FieldPath() / "exchanges"
    let routesPath = FieldPath() / "routes"

    var flow: MessageFlow { MessageFlow(topology) }

    func validate() {
        for service in topology.services { validate(service, at: servicesPath / service.name) }
        for exchange in topology.exchanges { validate(exchange, at: exchangesPath / exchange.name) }
        for queue in topology.queues { validate(queue, at: queuesPath / queue.name) }
        for (index, route) in topology.routes.enumerated() { validate(route, at: routesPath / index) }
        validateListenAddresses()
        validateDuplicateRoutes()
        validateGeneratedNames()
        validateCycles()
    }

    /// That messages arrive, are kept and answered in time. Left out for what was applied before these rules were.
    func validateMessaging() {
        for service in topology.services { validateBeginning(of: service, at: servicesPath / service.name) }
        for queue in topology.queues { validateKeeping(of: queue, at: queuesPath / queue.name) }
        for (index, route) in topology.routes.enumerated() { validateDeadline(of: route, at: routesPath / index) }
        validateRouting()
    }

    private func validate(_ service: Service, at path: FieldPath) {
        if TopologyNames.reservedServices.contains(service.name) {
            log.report(
                "a service cannot be called \"\(service.name)\", which means a part of Signalbox itself; choose another name", ofKeyAt: path
            )
        } else if !TopologyNames.isServiceName(service.name) {
            log.report("found \"\(service.name)\", expected \(TopologyNames.serviceWords)", ofKeyAt: path)
        }
        for dependency in service.dependsOn { validate(dependency, of: service, at: path / "depends_on") }
        for (index, exchange) in service.publishes.enumerated() where topology.exchange(named: exchange) == nil {
            log.report(
                missing("exchange", exchange, among: topology.exchanges.map(\.name)), ofValueAt: publication(index, at: path))
        }
        let needsBroker = !service.publishes.isEmpty || topology.queues.contains { $0.consumer == service.name }
        if needsBroker, !service.dependsOn.contains(where: { $0.name == "broker" }) {
            log.report("the service reads a queue or publishes, and is handed no AMQP_URL; add broker to its depends_on", ofKeyAt: path)
        }
        validateLifetime(of: service, at: path)
        validateCores(of: service, at: path)
        guard let scale = service.scale else { return }
        if !(scale.minimum...max(scale.minimum, scale.maximum)).contains(service.instances) {
            log.report(
                "found \(service.instances), but scale allows \(scale.minimum) to \(scale.maximum); change one of them",
                ofValueAt: path / "instances")
        }
        guard let name = scale.queue else { return }
        if let queue = topology.queue(named: name) {
            if queue.consumer != service.name, !queue.consumer.isEmpty {
                log.report(
                    "the queue \"\(name)\" is read by \(queue.consumer), so more instances of \(service.name) would not shorten it; name a queue that \(service.name) reads",
                    ofValueAt: path / "scale" / "queue")
            }
        } else {
            log.report(missing("queue", name, among: topology.queues.map(\.name)), ofValueAt: path / "scale" / "queue")
        }
    }

    /// The exchange's name in an entry of `publishes`.
    private func publication(_ index: Int, at path: FieldPath) -> FieldPath {
        let entry = path / "publishes" / index
        return log.hasValue(at: entry / "exchange") ? entry / "exchange" : entry
    }

    private func validate(_ dependency: Dependency, of service: Service, at listPath: FieldPath) {
        let name = dependency.name
        // In a list the place is found by number, in a map by name; the log falls back to what is above.
        let index = service.dependsOn.firstIndex(of: dependency) ?? 0
        let path = log.hasValue(at: listPath / name) ? listPath / name : listPath / index
        if name == service.name {
            log.report("the service depends on itself; remove it", ofValueAt: path)
        } else if TopologyNames.servers.contains(name) {
            let isThere = name == "broker" || (name == "database" ? topology.database : topology.cache) != nil
            if !isThere {
                log.report("there is no \(name) in this file; add \"\(name): {managed: true}\" at the top", ofValueAt: path)
            }
            if dependency.condition == .completed {
                log.report("a server never completes; write ready", ofValueAt: path)
            }
        } else if let other = topology.service(named: name) {
            if let mistake = mistake(waitingFor: dependency.condition, of: other) { log.report(mistake, ofValueAt: path) }
        } else {
            log.report(missing("service", name, among: topology.services.map(\.name) + TopologyNames.servers), ofValueAt: path)
        }
    }

    private func validate(_ exchange: Exchange, at path: FieldPath) {
        validateBrokerName(exchange.name, "an exchange", at: path)
    }

    private func validate(_ queue: Queue, at path: FieldPath) {
        validateBrokerName(queue.name, "a queue", at: path)
        if let consumer = topology.service(named: queue.consumer) {
            if let mistake = mistake(relyingOn: consumer) { log.report(mistake, ofValueAt: path / "consumer") }
        } else if !queue.consumer.isEmpty {
            log.report(missing("service", queue.consumer, among: topology.services.map(\.name)), ofValueAt: path / "consumer")
        }
        var seen: Set<Binding> = []
        for (index, binding) in queue.bindings.enumerated() where !binding.exchange.isEmpty {
            let place = path / "bindings" / index
            if !seen.insert(binding).inserted {
                log.report("the same binding stands above; keep one of them", ofValueAt: place)
            }
            guard let exchange = topology.exchange(named: binding.exchange) else {
                log.report(missing("exchange", binding.exchange, among: topology.exchanges.map(\.name)), ofValueAt: place / "exchange")
                continue
            }
            if binding.key.isEmpty, exchange.kind == .topic || exchange.kind == .direct {
                log.report(
                    "\"key\" is missing: the \(exchange.kind.rawValue) exchange \(exchange.name) passes on by routing key\(exchange.kind == .topic ? "; write \"#\" for all" : "")",
                    ofValueAt: place)
            }
        }
    }

    private func validate(_ route: Route, at path: FieldPath) {
        switch route.target {
        case .service(let name):
            if let service = topology.service(named: name) {
                if let mistake = mistake(relyingOn: service) { log.report(mistake, ofValueAt: path / "service") }
            } else if !name.isEmpty {
                log.report(missing("service", name, among: topology.services.map(\.name)), ofValueAt: path / "service")
            }
        case .queue(let name, _):
            if topology.queue(named: name) == nil {
                log.report(missing("queue", name, among: topology.queues.map(\.name)), ofValueAt: path / "queue")
            }
        }
    }

    private func validateBrokerName(_ name: String, _ what: String, at path: FieldPath) {
        if let prefix = TopologyNames.reservedBrokerPrefixes.first(where: { name.hasPrefix($0) }) {
            log.report(
                "\(what) cannot begin with \"\(prefix)\", which is kept for RabbitMQ's and Signalbox's own; choose another name",
                ofKeyAt: path)
        } else if !TopologyNames.isBrokerName(name) {
            log.report("found \"\(name)\", expected \(TopologyNames.brokerWords)", ofKeyAt: path)
        }
    }

    private func validateListenAddresses() {
        var taken = [(address: topology.admin.listen, owner: "the admin endpoint")]
        for service in topology.services {
            for (index, address) in service.listen.enumerated() {
                let path = servicesPath / service.name / "listen"
                if let other = taken.first(where: { $0.address.collides(with: address) }) {
                    log.report(
                        "\(address) collides with \(other.address) of \(other.owner); choose another address or port",
                        ofValueAt: path / index)
                }
                taken.append((address, "service \(service.name)"))
            }
        }
    }

    private func validateDuplicateRoutes() {
        for (index, route) in topology.routes.enumerated() where !route.path.isEmpty {
            let earlier = topology.routes[..<index].firstIndex { other in
                other.path == route.path
                    && (other.methods.isEmpty || route.methods.isEmpty || !Set(other.methods).isDisjoint(with: route.methods))
            }
            guard let earlier else { continue }
            let shared = route.methods.filter { topology.routes[earlier].methods.contains($0) }
            let methods = shared.isEmpty ? "the same methods" : shared.joined(separator: ", ")
            log.report(
                "the route in line \(log.line(ofValueAt: routesPath / earlier)) takes \(route.path) with \(methods) already; remove one, or part their methods",
                ofValueAt: routesPath / index)
        }
    }

    /// Retry ladders and requests add queues and exchanges of their own beside those of the file.
    private func validateGeneratedNames() {
        for queue in topology.queues {
            let others = [queue.deadLetterQueueName] + (queue.retry?.delays.indices.map { queue.retryQueueName(rung: $0) } ?? [])
            for name in others where topology.queue(named: name) != nil {
                log.report(
                    "Signalbox itself makes \"\(name)\" for the queue \(queue.name); choose another name", ofKeyAt: queuesPath / name)
            }
            let exchange = Queue.retryExchangeName(consumer: queue.consumer)
            if topology.exchange(named: exchange) != nil {
                log.report(
                    "Signalbox itself makes \"\(exchange)\" for the retries of \(queue.consumer); choose another name",
                    ofKeyAt: exchangesPath / exchange)
            }
        }
    }

    private func validateCycles() {
        for cycle in DependencyGraph(topology).cycles() {
            guard let first = cycle.first else { continue }
            log.report(
                "these services wait for each other for ever: \((cycle + [first]).joined(separator: " → ")); remove one of the dependencies",
                ofKeyAt: servicesPath / first / "depends_on")
        }
    }

    private func missing(_ what: String, _ name: String, among known: [String]) -> String {
        let advice = SpellingAid.nearest(to: name, in: known).map { "did you mean \"\($0)\"?" }
        let list =
            known.isEmpty ? "none is declared" : "declared are \(known.prefix(12).joined(separator: ", "))\(known.count > 12 ? " …" : "")"
        return "there is no \(what) \"\(name)\"; \(advice ?? list)"
    }
}
