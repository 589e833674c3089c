import Supervision
import Topology

/// A reducer with a clock that stands still until it is told otherwise.
struct Machine {
    var state = SupervisionState(seed: 1)
    var now = Duration.zero
    var effects: [SupervisionEffect] = []
    private var lastPID = 100

    /// Seconds since 1970 at the clock's origin: a Saturday, 15:00 UTC.
    static let timeOfDay = 1_795_273_200.0

    init(
        _ services: SupervisedService..., previous: [String: SupervisedService] = [:], remembered: Remembered = .init(),
        found: [FoundProcess] = [], timeOfDay: Double = Machine.timeOfDay
    ) {
        send(.clockRead(secondsSince1970: timeOfDay))
        send(.started(services, previous: previous, remembered, found: found))
    }

    @discardableResult
    mutating func send(_ event: SupervisionEvent, after pause: Duration = .zero) -> [SupervisionEffect] {
        now += pause
        effects = state.handle(event, at: now)
        return effects
    }

    /// Lets time pass, and the reducer see each of its deadlines on the way.
    @discardableResult
    mutating func pass(_ duration: Duration) -> [SupervisionEffect] {
        let end = now + duration
        var seen: [SupervisionEffect] = []
        while let next = state.nextDeadline, next <= end {
            now = max(now, next)
            seen += state.handle(.timerFired, at: now)
        }
        now = end
        seen += state.handle(.timerFired, at: now)
        effects = seen
        return seen
    }

    /// Answers the spawn of an instance.
    @discardableResult
    mutating func spawned(
        _ service: String, _ number: Int = 1, _ slot: InstanceID.Slot = .a, port: Int? = nil, fingerprint: String = ""
    ) -> [SupervisionEffect] {
        lastPID += 1
        return send(
            .spawned(
                InstanceID(service, number, slot),
                SpawnedProcess(pid: lastPID, port: port ?? 20_000 + lastPID, fingerprint: fingerprint)))
    }

    @discardableResult
    mutating func probe(
        _ service: String, _ number: Int = 1, _ slot: InstanceID.Slot = .a, _ purpose: SupervisedProbe.Purpose = .readiness
    ) -> [SupervisionEffect] {
        send(.probeSucceeded(InstanceID(service, number, slot), generation: generation(service, number, slot), purpose))
    }

    @discardableResult
    mutating func probeFails(
        _ service: String, _ number: Int = 1, _ slot: InstanceID.Slot = .a, _ purpose: SupervisedProbe.Purpose = .readiness
    ) -> [SupervisionEffect] {
        send(
            .probeFailed(
                InstanceID(service, number, slot), generation: generation(service, number, slot), purpose, answer: "status 503"))
    }

    @discardableResult
    mutating func exits(
        _ service: String, _ number: Int = 1, _ slot: InstanceID.Slot = .a, _ kind: Termination.Kind = .signalled(9)
    ) -> [SupervisionEffect] {
        send(.exited(InstanceID(service, number, slot), Termination(kind)))
    }

    /// Starts an instance and has it found ready.
    mutating func comesUp(_ service: String, _ number: Int = 1, _ slot: InstanceID.Slot = .a, fingerprint: String = "") {
        spawned(service, number, slot, fingerprint: fingerprint)
        probe(service, number, slot)
    }

    func instance(_ service: String, _ number: Int = 1) -> Instance? {
        state.service(named: service)?.instances.first { $0.number == number }
    }

    func generation(_ service: String, _ number: Int, _ slot: InstanceID.Slot = .a) -> Int {
        let instance = instance(service, number)
        let occupant = instance?.main.slot == slot ? instance?.main : instance?.companion
        return occupant?.phase.process?.generation ?? 0
    }

    func label(_ service: String, _ number: Int = 1) -> String { instance(service, number)?.phase.label ?? "none" }

    func labels(_ service: String) -> [String] { state.service(named: service)?.instances.map(\.phase.label) ?? [] }

    /// What the latest effects start, as `order/2`.
    var spawns: [String] { effects.compactMap { if case .spawn(let id, _) = $0 { "\(id)" } else { nil } } }
    /// With what is started, as `order/2 fingerprint`.
    var starts: [String] { effects.compactMap { if case .spawn(let id, let fingerprint) = $0 { "\(id) \(fingerprint)" } else { nil } } }
    var memory: Remembered? { effects.compactMap { if case .remember(let memory) = $0 { memory } else { nil } }.last }
    var signals: [String] { effects.compactMap { if case .signal(let id, let signal) = $0 { "\(id) \(signal)" } else { nil } } }
    var kills: [String] { effects.compactMap { if case .killAll(let id) = $0 { "\(id)" } else { nil } } }
    var provisions: [String] { effects.compactMap { if case .provision(let name, _) = $0 { name } else { nil } } }
    var transitions: [Transition] { effects.compactMap { if case .record(let transition) = $0 { transition } else { nil } } }
    var gateway: [String: [GatewayConfiguration.Upstream]]? {
        effects.compactMap { if case .publishGatewayConfiguration(let instances) = $0 { instances } else { nil } }.last
    }
}

extension SupervisedService {
    /// A service with a readiness probe, unless told otherwise.
    static func service(
        _ name: String, instances: Int = 1, needs dependencies: [Dependency] = [], readiness: Probe? = Probe(.http(path: "/ready")),
        liveness: Probe? = nil, startup: Probe? = nil, restart: RestartRules = .init(), stop: StopRules = .init(), scale: ScaleRule? = nil,
        takesRequests: Bool = false, fronts: [String] = [], fingerprint: String = "", foundation: String = "",
        lifetime: Lifetime = .continuous,
        overlap: Bool = false, readyWithin: Duration = .seconds(60), watchdog: Duration? = nil
    ) -> SupervisedService {
        SupervisedService(
            name: name, instances: instances, range: scale.map { $0.minimum...$0.maximum } ?? 0...64, dependencies: dependencies,
            fronts: fronts, startup: startup.map(SupervisedProbe.init), readiness: readiness.map(SupervisedProbe.init),
            liveness: liveness.map(SupervisedProbe.init), restart: restart, stop: stop, scale: scale, takesRequests: takesRequests,
            fingerprint: fingerprint, foundation: foundation, lifetime: lifetime,
            update: UpdateRules(overlap: overlap, readyWithin: readyWithin), watchdog: watchdog)
    }

    static func server(_ name: String, isExternal: Bool = false, fingerprint: String = "") -> SupervisedService {
        SupervisedService(
            name: name, kind: .server, isExternal: isExternal, range: 1...1, readiness: .serverReadiness, fingerprint: fingerprint,
            foundation: fingerprint)
    }
}
