extension Topology {
    /// What has to be done where `old` runs, so that this topology does.
    package func difference(from old: Topology) -> TopologyDifference {
        let servers = [("broker", broker == old.broker), ("database", database == old.database), ("cache", cache == old.cache)]
            .filter { !$0.1 }.map(\.0)
        let changed = services.map { service in
            old.service(named: service.name).map { change(of: service, from: $0, in: old, servers: servers) }
                ?? ServiceChange(name: service.name, action: .start, reasons: ["new"])
        }
        let removed = old.services.filter { service(named: $0.name) == nil }
            .map { ServiceChange(name: $0.name, action: .stop, reasons: ["removed"]) }
        return TopologyDifference(
            services: changed + removed,
            servers: servers,
            isBrokerDeclarationChanged: brokerParts != old.brokerParts || servers.contains("broker"),
            areRoutesChanged: routes != old.routes,
            isAdminChanged: admin != old.admin,
            isNameChanged: name != old.name)
    }

    private func change(of new: Service, from old: Service, in oldTopology: Topology, servers: [String]) -> ServiceChange {
        var recreate = servers.filter { server in new.dependsOn.contains { $0.name == server } }
        if name != oldTopology.name { recreate.append("name") }
        recreate += typeReasons(old.lifetime, new.lifetime)
        let process = Service.processReasons(old, new, oldTopology.logs, logs) + handedReasons(of: new, from: oldTopology)
        let inPlace = Service.inPlaceReasons(old, new).filter { !process.contains($0) }
        let action: ServiceChange.Action =
            if !recreate.isEmpty { .recreate } else if !process.isEmpty { replacement(of: new) } else if !inPlace.isEmpty { .inPlace } else
            { .none }
        return ServiceChange(name: new.name, action: action, reasons: recreate + process + inPlace)
    }

    /// What is meant to end is another thing than what goes on: the one has to be over before the other begins.
    private func typeReasons(_ old: Lifetime, _ new: Lifetime) -> [String] {
        let isScheduled: (Lifetime) -> Bool = { if case .scheduled = $0 { true } else { false } }
        let isSame: [(ServiceKey, Bool)] = [
            (.type, (old == .once) == (new == .once)),
            (.schedule, isScheduled(old) == isScheduled(new)),
        ]
        return isSame.filter { !$0.1 }.map(\.0.rawValue)
    }

    private func replacement(of service: Service) -> ServiceChange.Action {
        switch service.lifetime {
        case .continuous: .rolling
        // It is run again.
        case .once: .recreate
        // A run under way ends as it began; the next one is another.
        case .scheduled: .inPlace
        }
    }

    /// What a service is handed at its start that stands outside its own section: the settings of its queues, and what caches depend on.
    private func handedReasons(of service: Service, from old: Topology) -> [String] {
        var reasons: [String] = []
        let mine = queues.filter { $0.consumer == service.name }
        let before = old.queues.filter { $0.consumer == service.name }
        for queue in mine {
            guard let other = before.first(where: { $0.name == queue.name }) else {
                reasons.append("queues[\(queue.name)]")
                continue
            }
            if other.prefetch != queue.prefetch { reasons.append("queues[\(queue.name)].prefetch") }
            if other.retry != queue.retry { reasons.append("queues[\(queue.name)].retry") }
        }
        reasons += before.filter { queue in !mine.contains { $0.name == queue.name } }.map { "queues[\($0.name)]" }
        if service.dependsOn.contains(where: { $0.name == "cache" }) {
            if cacheEvents != old.cacheEvents { reasons.append("routes.cache.invalidate_on") }
            if cacheExchanges != old.cacheExchanges { reasons.append("exchanges") }
        }
        return reasons
    }

    /// The event types that any route's cache is invalidated by, each once, in the file's order.
    package var cacheEvents: [String] {
        var seen: Set<String> = []
        return routes.flatMap { $0.cache?.invalidateOn ?? [] }.filter { seen.insert($0).inserted }
    }

    /// The exchanges by which events that invalidate a cache may come.
    package var cacheExchanges: [String] {
        cacheEvents.isEmpty ? [] : exchanges.filter { $0.kind == .topic }.map(\.name)
    }

    /// All that the broker's declaration is computed from.
    private var brokerParts: BrokerParts {
        BrokerParts(
            name: name, exchanges: exchanges, queues: queues,
            publishers: services.map { .init(name: $0.name, publishes: $0.publishes, command: $0.command) },
            requested: routes.compactMap { if case .queue(let name, _) = $0.target { name } else { nil } },
            cacheEvents: cacheEvents)
    }
}

private struct BrokerParts: Equatable {
    struct Publisher: Equatable {
        var name: String
        var publishes: [String]
        /// Gateways are told by their command, and have permissions of their own.
        var command: [String]
    }

    var name: String
    var exchanges: [Exchange]
    var queues: [Queue]
    var publishers: [Publisher]
    var requested: [String]
    var cacheEvents: [String]
}
