import Supervision
import Topology

/// Draws up declarations, and changes to them.
struct WorldMaker {
    var random: SeededGenerator
    private var versions = 0
    /// By fingerprint.
    private(set) var behaviours: [String: Behaviour] = [:]
    /// Edges between these are no order of start.
    private(set) var hasRing = false

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func chance(_ part: Double) -> Bool { Double.random(in: 0..<1, using: &random) < part }

    mutating func fingerprint(_ behaviour: Behaviour) -> String {
        versions += 1
        let fingerprint = "v\(versions)"
        behaviours[fingerprint] = behaviour
        return fingerprint
    }

    mutating func world() -> [SupervisedService] {
        var services: [SupervisedService] = []
        for name in ["broker", "database"].prefix(Int.random(in: 0...2, using: &random)) {
            let fingerprint = fingerprint(.good)
            services.append(
                SupervisedService(
                    name: name, kind: .server, isExternal: chance(0.2), range: 1...1, readiness: .serverReadiness,
                    stop: StopRules(grace: .seconds(5)), fingerprint: fingerprint, foundation: fingerprint))
        }
        for number in 0..<Int.random(in: 1...7, using: &random) { services.append(service("s\(number)", after: services)) }
        if services.count > 3, chance(0.05), let last = services.last?.name {
            let first = services.count - 3
            services[first].dependencies.append(Dependency(name: last, condition: .started))
            hasRing = true
        }
        return services
    }

    mutating func service(_ name: String, after others: [SupervisedService]) -> SupervisedService {
        let lifetime = lifetime()
        var service = SupervisedService(name: name, lifetime: lifetime)
        service.instances = lifetime == .continuous ? Int.random(in: 0...3, using: &random) : 1
        service.range = 0...5
        for other in others where chance(0.3) {
            let isOnce = other.lifetime == .once
            let conditions: [Dependency.Condition] = isOnce ? [.completed, .completed, .ready] : [.ready, .ready, .started]
            service.dependencies.append(Dependency(name: other.name, condition: conditions.randomElement(using: &random) ?? .ready))
        }
        if lifetime == .continuous {
            if chance(0.7) { service.readiness = SupervisedProbe(probe(isNotify: chance(0.2))) }
            if chance(0.3) { service.startup = SupervisedProbe(probe(isNotify: false)) }
            if chance(0.3) { service.liveness = SupervisedProbe(probe(isNotify: false)) }
            if chance(0.2) { service.watchdog = .seconds(Int64.random(in: 2...10, using: &random)) }
            if chance(0.3) { service.scale = scale() }
            service.takesRequests = chance(0.5)
        }
        service.restart = restart(lifetime)
        service.stop = StopRules(grace: .seconds(Int64.random(in: 1...10, using: &random)))
        service.update = UpdateRules(overlap: chance(0.6), readyWithin: .seconds(Int64.random(in: 20...60, using: &random)))
        if let scale = service.scale { service.range = scale.minimum...scale.maximum }
        service.instances = min(max(service.instances, service.range.lowerBound), service.range.upperBound)
        service.fingerprint = fingerprint(chance(0.93) ? .good : Behaviour.allCases.randomElement(using: &random) ?? .good)
        service.foundation = "f"
        if let front = others.last, front.kind == .service, chance(0.1) { service.fronts = [front.name] }
        return service
    }

    private mutating func lifetime() -> Lifetime {
        switch Int.random(in: 0..<10, using: &random) {
        case 0, 1: return .once
        case 2:
            let minutes = Set([0..<60, 0..<30].randomElement(using: &random) ?? 0..<60)
            let cron = CronExpression(
                text: "*", minutes: minutes, hours: Set(0..<24), daysOfMonth: Set(1...31), months: Set(1...12), daysOfWeek: Set(0...6),
                isAnyDayOfMonth: true, isAnyDayOfWeek: true)
            return .scheduled(
                Schedule(cron: cron, overlap: Schedule.Overlap.allCases.randomElement(using: &random) ?? .skip, startDeadline: .seconds(30))
            )
        default: return .continuous
        }
    }

    private mutating func probe(isNotify: Bool) -> Probe {
        Probe(
            isNotify ? .notify : .http(path: "/"), period: .seconds(Int64.random(in: 2...8, using: &random)),
            failureThreshold: Int.random(in: 1...3, using: &random), successThreshold: Int.random(in: 1...2, using: &random))
    }

    private mutating func scale() -> ScaleRule {
        ScaleRule(
            minimum: Int.random(in: 0...1, using: &random), maximum: Int.random(in: 2...4, using: &random), queue: "q",
            backlogPerInstance: 10,
            consumerUtilisation: chance(0.3) ? 0.5 : nil, cpu: chance(0.3) ? 0.8 : nil, downAfter: .seconds(10), coolDown: .seconds(3))
    }

    private mutating func restart(_ lifetime: Lifetime) -> RestartRules {
        var rules = RestartRules(
            policy: lifetime == .continuous && chance(0.85) ? .always : .onFailure, maximumBackoff: .seconds(10),
            limitRestarts: Int.random(in: 2...6, using: &random), limitWindow: .seconds(Int64.random(in: 10...60, using: &random)))
        if chance(0.1) { rules.policy = .never }
        if chance(0.3) {
            rules.exceptions = [
                RestartException(ends: [.status(78), .signal(11)], consequence: .fail),
                RestartException(
                    ends: [.outOfMemory], consequence: RestartException.Consequence.allCases.randomElement(using: &random) ?? .fail),
            ]
        }
        return rules
    }

    // MARK: Changes

    /// A world like that one, with something in it changed.
    mutating func changed(_ services: [SupervisedService]) -> [SupervisedService] {
        var services = services
        let candidates = services.indices.filter { services[$0].kind == .service }
        guard let s = candidates.randomElement(using: &random) else { return services }
        switch Int.random(in: 0..<12, using: &random) {
        case 0...3: services[s].fingerprint = fingerprint(.good)
        case 4, 5: services[s].fingerprint = fingerprint(Behaviour.allCases.randomElement(using: &random) ?? .good)
        case 6: services[s].instances = Int.random(in: services[s].range, using: &random)
        case 7: if services[s].readiness != nil { services[s].readiness = SupervisedProbe(probe(isNotify: false)) }
        case 8:
            if !services.contains(where: { other in other.dependencies.contains { $0.name == services[s].name } }) {
                services.remove(at: s)
            }
        case 9:
            let name = "s\(Int.random(in: 7...9, using: &random))"
            if !services.contains(where: { $0.name == name }) { services.append(service(name, after: services)) }
        case 10:
            services[s].foundation = "f\(Int.random(in: 0...2, using: &random))"
            services[s].fingerprint = fingerprint(.good)
        default:
            services[s].update.overlap.toggle()
            services[s].fingerprint = fingerprint(.good)
        }
        return services
    }
}
