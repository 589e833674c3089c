import Supervision
import Topology

/// Changes to declarations, as a person makes them in the file: the result is always one that could be applied.
extension WorldMaker {
    /// A world like that one, with something in it changed; sometimes two things at once.
    mutating func changed(_ services: [SupervisedService]) -> [SupervisedService] {
        var services = services
        for _ in 0..<(chance(0.3) ? 2 : 1) { change(&services) }
        return founded(services)
    }

    /// Everything of it begins anew: it has another name, and its servers are others.
    mutating func renewed(_ services: [SupervisedService]) -> [SupervisedService] {
        var services = services
        base += 1
        for s in services.indices where services[s].kind == .server { renew(&services[s]) }
        return founded(services)
    }

    private mutating func change(_ services: inout [SupervisedService]) {
        let candidates = services.indices.filter { services[$0].kind == .service }
        guard let s = candidates.randomElement(using: &random) else { return add(to: &services) }
        switch Int.random(in: 0..<24, using: &random) {
        case 0...4: services[s].fingerprint = fingerprint(.good)
        case 5, 6: services[s].fingerprint = fingerprint(Behaviour.allCases.randomElement(using: &random) ?? .good)
        case 7: services[s].instances = Int.random(in: services[s].range, using: &random)
        case 8: if services[s].readiness != nil { services[s].readiness = SupervisedProbe(probe(isNotify: false)) }
        case 9: remove(services[s].name, from: &services)
        case 10, 11: add(to: &services)
        case 12: if chance(0.3) { base += 1 }
        case 13: services[s].update.overlap.toggle()
        case 14:
            services[s].update.overlap.toggle()
            services[s].fingerprint = fingerprint(.good)
        case 15, 16: changeKind(s, &services)
        case 17: services[s].restart = restart(services[s].lifetime)
        case 18: services[s].stop = StopRules(grace: .seconds(Int64.random(in: 1...10, using: &random)))
        case 19: changeScale(&services[s])
        case 20, 21: changeDependencies(s, &services)
        case 22: changeServer(&services)
        default: services = reordered(services)
        }
    }

    private mutating func add(to services: inout [SupervisedService]) {
        let name = "s\(Int.random(in: 7...9, using: &random))"
        guard !services.contains(where: { $0.name == name }) else { return }
        let place = Int.random(in: services.count { $0.kind == .server }...services.count, using: &random)
        let others = services.filter { Self.mayNeed(name, $0) }
        services.insert(service(name, after: others), at: place)
    }

    /// Names give an order in which nobody needs himself by way of others.
    private static func mayNeed(_ name: String, _ other: SupervisedService) -> Bool { other.kind == .server || other.name < name }

    /// Whoever needed it does so no more, and may be changed with that.
    private mutating func remove(_ name: String, from services: inout [SupervisedService]) {
        services.removeAll { $0.name == name }
        for other in services.indices {
            let count = services[other].dependencies.count
            services[other].dependencies.removeAll { $0.name == name }
            services[other].fronts.removeAll { $0 == name }
            if services[other].dependencies.count != count, chance(0.3) { services[other].fingerprint = fingerprint(.good) }
        }
    }

    private mutating func changeKind(_ s: Int, _ services: inout [SupervisedService]) {
        let next = lifetime()
        guard !next.isOfSameKind(as: services[s].lifetime) else { return }
        let hadWatchdog = services[s].watchdog != nil
        give(&services[s], next)
        services[s].instances = max(services[s].instances, min(1, services[s].range.upperBound))
        if hadWatchdog || services[s].watchdog != nil || chance(0.3) { services[s].fingerprint = fingerprint(.good) }
        for other in services.indices {
            guard let place = services[other].dependencies.firstIndex(where: { $0.name == services[s].name }) else { continue }
            services[other].dependencies[place] = dependency(on: services[s])
        }
    }

    private mutating func changeScale(_ service: inout SupervisedService) {
        guard service.lifetime == .continuous else { return }
        service.scale = chance(0.6) ? scale() : nil
        service.range = service.scale.map { $0.minimum...$0.maximum } ?? 0...5
        service.instances = min(max(service.instances, service.range.lowerBound), service.range.upperBound)
    }

    private mutating func changeDependencies(_ s: Int, _ services: inout [SupervisedService]) {
        if !services[s].dependencies.isEmpty, chance(0.5) {
            services[s].dependencies.remove(at: Int.random(in: services[s].dependencies.indices, using: &random))
        } else {
            let name = services[s].name
            let others = services.filter { other in
                Self.mayNeed(name, other) && !services[s].dependencies.contains { $0.name == other.name }
            }
            guard let other = others.randomElement(using: &random) else { return }
            services[s].dependencies.append(dependency(on: other))
        }
    }

    private mutating func changeServer(_ services: inout [SupervisedService]) {
        let name = Self.servers.randomElement(using: &random) ?? "broker"
        guard let place = services.firstIndex(where: { $0.name == name }) else { return services.insert(server(name), at: 0) }
        if chance(0.4) { remove(name, from: &services) } else { renew(&services[place]) }
    }

    private mutating func renew(_ server: inout SupervisedService) { server = self.server(server.name) }
}
