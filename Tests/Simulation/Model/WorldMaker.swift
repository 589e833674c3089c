import Supervision
import Topology

/// Draws up declarations, and changes to them.
struct WorldMaker {
    var random: SeededGenerator
    private var versions = 0
    /// By service: what it was told of the servers that it uses.
    private var usedServers: [String: String] = [:]
    /// By fingerprint.
    private(set) var behaviours: [String: Behaviour] = [:]
    /// Stands for the topology's name: with another one everything begins anew.
    var base = 0

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
        for name in Self.servers.prefix(Int.random(in: 0...2, using: &random)) { services.append(server(name)) }
        for number in 0..<Int.random(in: 1...7, using: &random) { services.append(service("s\(number)", after: services)) }
        if services.count > 3, chance(0.05), let last = services.last?.name {
            let first = services.count - 3
            services[first].dependencies.append(Dependency(name: last, condition: .started))
        }
        return founded(reordered(services))
    }

    /// The servers first, the services in any order: who needs another may stand above it.
    mutating func reordered(_ services: [SupervisedService]) -> [SupervisedService] {
        services.filter { $0.kind == .server } + services.filter { $0.kind == .service }.shuffled(using: &random)
    }

    /// With what they work on, as `SupervisedTopology` has it: other servers are another foundation and other processes.
    mutating func founded(_ services: [SupervisedService]) -> [SupervisedService] {
        var services = services
        let servers = Dictionary(
            services.filter { $0.kind == .server }.map { ($0.name, $0.foundation) }, uniquingKeysWith: { first, _ in first })
        for s in services.indices where services[s].kind == .service {
            let used = services[s].dependencies.compactMap { servers[$0.name] }.sorted().joined(separator: "+")
            let kind =
                switch services[s].lifetime {
                case .continuous: ""
                case .once: " once"
                case .scheduled: " scheduled"
                }
            if let before = usedServers[services[s].name], before != used {
                services[s].fingerprint = fingerprint(behaviours[services[s].fingerprint] ?? .good)
            }
            usedServers[services[s].name] = used
            services[s].foundation = "f\(base) \(used)\(kind)"
        }
        return services
    }

    static let servers = ["broker", "database"]
    static let serverGrace = Duration.seconds(5)

    mutating func server(_ name: String) -> SupervisedService {
        let fingerprint = fingerprint(.good)
        return SupervisedService(
            name: name, kind: .server, isExternal: chance(0.2), range: 1...1, readiness: .serverReadiness,
            stop: StopRules(grace: Self.serverGrace), fingerprint: fingerprint, foundation: fingerprint)
    }

    mutating func service(_ name: String, after others: [SupervisedService]) -> SupervisedService {
        let lifetime = lifetime()
        var service = SupervisedService(name: name, lifetime: lifetime)
        service.instances = lifetime == .continuous ? Int.random(in: 0...3, using: &random) : chance(0.9) ? 1 : 0
        for other in others where chance(0.3) { service.dependencies.append(dependency(on: other)) }
        give(&service, lifetime)
        service.stop = StopRules(grace: .seconds(Int64.random(in: 1...10, using: &random)))
        service.update = UpdateRules(overlap: chance(0.6), readyWithin: .seconds(Int64.random(in: 20...60, using: &random)))
        service.fingerprint = fingerprint(chance(0.93) ? .good : Behaviour.allCases.randomElement(using: &random) ?? .good)
        if let front = others.last, front.kind == .service, chance(0.1) { service.fronts = [front.name] }
        return service
    }

    mutating func dependency(on other: SupervisedService) -> Dependency {
        let isOnce = other.lifetime == .once
        let conditions: [Dependency.Condition] = isOnce ? [.completed, .completed, .ready] : [.ready, .ready, .started]
        return Dependency(name: other.name, condition: conditions.randomElement(using: &random) ?? .ready)
    }

    /// What only a service of that kind has.
    mutating func give(_ service: inout SupervisedService, _ lifetime: Lifetime) {
        service.lifetime = lifetime
        (service.readiness, service.startup, service.liveness, service.scale, service.watchdog) = (nil, nil, nil, nil, nil)
        service.takesRequests = false
        service.range = lifetime == .continuous ? 0...5 : 0...1
        if lifetime == .continuous {
            if chance(0.7) { service.readiness = SupervisedProbe(probe(isNotify: chance(0.2))) }
            if chance(0.3) { service.startup = SupervisedProbe(probe(isNotify: false)) }
            if chance(0.3) { service.liveness = SupervisedProbe(probe(isNotify: false)) }
            if chance(0.2) { service.watchdog = .seconds(Int64.random(in: 2...10, using: &random)) }
            if chance(0.3) { service.scale = scale() }
            service.takesRequests = chance(0.5)
        }
        service.restart = restart(lifetime)
        if let scale = service.scale { service.range = scale.minimum...scale.maximum }
        service.instances = min(max(service.instances, service.range.lowerBound), service.range.upperBound)
    }

    mutating func lifetime() -> Lifetime {
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

    mutating func probe(isNotify: Bool) -> Probe {
        Probe(
            isNotify ? .notify : .http(path: "/"), period: .seconds(Int64.random(in: 2...8, using: &random)),
            failureThreshold: Int.random(in: 1...3, using: &random), successThreshold: Int.random(in: 1...2, using: &random))
    }

    mutating func scale() -> ScaleRule {
        ScaleRule(
            minimum: Int.random(in: 0...1, using: &random), maximum: Int.random(in: 2...4, using: &random), queue: "q",
            backlogPerInstance: 10,
            consumerUtilisation: chance(0.3) ? 0.5 : nil, cpu: chance(0.3) ? 0.8 : nil, downAfter: .seconds(10), coolDown: .seconds(3))
    }

    mutating func restart(_ lifetime: Lifetime) -> RestartRules {
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
}
