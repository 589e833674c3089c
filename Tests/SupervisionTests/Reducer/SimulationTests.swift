import Supervision
import Testing
import Topology

/// Random events by the hundred thousand against a keeper of straw, and what must hold all the while.
@Suite struct SimulationTests {
    @Test(arguments: UInt64(1)...8)
    func whatMustHoldHolds(seed: UInt64) async {
        var simulation = Simulation(seed: seed)
        for step in 0..<25_000 {
            // Other tests wait for things meanwhile.
            if step % 250 == 0 { await Task.yield() }
            simulation.step()
            guard simulation.violations.isEmpty else { break }
        }
        simulation.comeToRest()
        #expect(simulation.violations == [], "seed \(seed)")
    }
}

private struct Simulation {
    struct Process {
        var isAsked = false
        var isKilled = false
        var ignoresSignals: Bool
    }

    let seed: UInt64
    var random: SeededGenerator
    var state: SupervisionState
    var definitions: [SupervisedService]
    var now = Duration.zero
    var processes: [InstanceID: Process] = [:]
    var spawning: [InstanceID] = []
    var provisioning: [(String, Int)] = []
    var violations: [String] = []
    var steps = 0

    init(seed: UInt64) {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        state = SupervisionState(seed: seed)
        definitions = Self.topology(variant: 0)
        perform(state.handle(.started(definitions, .init(), found: []), at: now))
    }

    static func topology(variant: Int) -> [SupervisedService] {
        let restart = RestartRules(limitRestarts: 5, limitWindow: .seconds(20))
        var services: [SupervisedService] = [
            .server("broker"), .server("database"),
            .service(
                "migrate", needs: [Dependency(name: "database")], readiness: nil,
                restart: RestartRules(policy: .onFailure, limitRestarts: 5, limitWindow: .seconds(20))),
            .service(
                "order", instances: 2, needs: [Dependency(name: "broker"), Dependency(name: "migrate", condition: .completed)],
                liveness: Probe(.tcp), restart: restart, scale: ScaleRule(minimum: 0, maximum: 4, queue: "q", backlogPerInstance: 10),
                takesRequests: true, fingerprint: "order \(variant % 3)", foundation: "\(variant % 2)"),
            .service("payment", needs: [Dependency(name: "order", condition: .started)], startup: Probe(.tcp), restart: restart),
            .service("gateway", fronts: ["order", "payment"], fingerprint: "gateway \(variant % 2)"),
        ]
        if variant % 2 == 1 { services.append(.service("extra", instances: 1 + variant % 3, needs: [Dependency(name: "payment")])) }
        return services
    }

    mutating func step() {
        steps += 1
        now += .milliseconds(Int.random(in: 0...400, using: &random))
        if let next = state.nextDeadline, next <= now { send(.timerFired) }
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<30: answerSpawn(fails: Int.random(in: 0..<10, using: &random) == 0)
        case 30..<38: endSome()
        case 38..<42: crash()
        case 42..<80: probe()
        case 80..<86: answerProvisioning()
        case 86..<89: send(.queueDepthsMeasured(["q": Int.random(in: 0...60, using: &random)]))
        case 89..<91: send(.scaleRequested("order", instances: Int.random(in: 0...4, using: &random), actor: "simulation"))
        case 91..<93: send(.stopRequested(anyService, actor: "simulation"))
        case 93..<95: send(.startRequested(anyService, actor: "simulation"))
        case 95..<97: send(.restartRequested(anyService, actor: "simulation"))
        case 97..<98:
            definitions = Self.topology(variant: Int.random(in: 0..<6, using: &random))
            send(.topologyApplied(definitions, actor: "simulation"))
        case 98: lateEvents()
        default: if Int.random(in: 0..<20, using: &random) == 0 { replaceSupervisor() }
        }
        check()
    }

    private var anyService: String {
        mutating get { definitions.randomElement(using: &random)?.name ?? "order" }
    }

    private mutating func send(_ event: SupervisionEvent) { perform(state.handle(event, at: now)) }

    private mutating func perform(_ effects: [SupervisionEffect]) {
        for effect in effects {
            switch effect {
            case .spawn(let id):
                if processes[id] != nil || spawning.contains(id) { fail("\(id) is started while it runs") }
                if let definition = definitions.first(where: { $0.name == id.service }) {
                    for dependency in definition.dependencies where !holds(dependency) {
                        fail("\(id) is started before \(dependency.name) is \(dependency.condition)")
                    }
                }
                if state.service(named: id.service)?.isHeld == true { fail("\(id) is started though it was stopped") }
                if state.isShuttingDown { fail("\(id) is started during a shutdown") }
                spawning.append(id)
            case .signal(let id, _):
                if processes[id] == nil { fail("\(id) is signalled and does not run") }
                processes[id]?.isAsked = true
            case .killAll(let id):
                if processes[id] == nil { fail("\(id) is killed and does not run") }
                processes[id]?.isKilled = true
            case .provision(let name, let generation): provisioning.append((name, generation))
            case .forget, .startProbes, .stopProbes, .publishGatewayConfiguration, .record, .remember, .finish: break
            }
        }
    }

    private func holds(_ dependency: Dependency) -> Bool {
        guard let service = state.service(named: dependency.name) else { return true }
        return switch dependency.condition {
        case .started: service.instances.contains { processes[InstanceID(service.name, $0.number)] != nil || $0.phase == .completed }
        case .ready: service.provisioning == .done && service.readyCount > 0
        case .completed: service.instances.allSatisfy { $0.phase == .completed }
        }
    }

    // MARK: The world

    private mutating func answerSpawn(fails: Bool) {
        guard !spawning.isEmpty else { return }
        let id = spawning.remove(at: Int.random(in: 0..<spawning.count, using: &random))
        if fails { return send(.spawnFailed(id, reason: "no memory", isPermanent: Bool.random(using: &random))) }
        processes[id] = Process(ignoresSignals: Int.random(in: 0..<5, using: &random) == 0)
        let fingerprint = definitions.first { $0.name == id.service }?.fingerprint ?? ""
        if Int.random(in: 0..<20, using: &random) == 0 {
            // It ends before its start has been answered.
            processes[id] = nil
            send(.exited(id, Termination(.exited(1))))
            send(.spawned(id, SpawnedProcess(pid: steps, port: 20_000 + steps, fingerprint: fingerprint)))
            return
        }
        send(.spawned(id, SpawnedProcess(pid: steps, port: 20_000 + steps, fingerprint: fingerprint)))
    }

    private mutating func endSome() {
        for (id, process) in processes.sorted(by: { $0.key < $1.key })
        where process.isKilled || process.isAsked && !process.ignoresSignals {
            processes[id] = nil
            if Bool.random(using: &random) { send(.mainExited(id, Termination(.exited(0)))) }
            send(.exited(id, Termination(.exited(0))))
        }
    }

    private mutating func crash() {
        guard let id = processes.keys.sorted().randomElement(using: &random) else { return }
        processes[id] = nil
        let status: Int32 = id.service == "migrate" ? Int32.random(in: 0...1, using: &random) : 1
        send(.exited(id, Termination(.exited(status))))
    }

    private mutating func probe() {
        guard let id = processes.keys.sorted().randomElement(using: &random), let service = state.service(named: id.service),
            let instance = service.instances.first(where: { $0.number == id.number }),
            let purpose = SupervisedProbe.Purpose.allCases.randomElement(using: &random)
        else { return }
        let generation = instance.generation - (Int.random(in: 0..<20, using: &random) == 0 ? 1 : 0)
        if Int.random(in: 0..<4, using: &random) > 0 {
            send(.probeSucceeded(id, generation: generation, purpose))
        } else {
            send(.probeFailed(id, generation: generation, purpose, answer: "status 503"))
        }
    }

    private mutating func answerProvisioning() {
        guard !provisioning.isEmpty else { return }
        let (name, generation) = provisioning.remove(at: Int.random(in: 0..<provisioning.count, using: &random))
        if Int.random(in: 0..<4, using: &random) == 0 {
            send(.provisioningFailed(name, generation: generation, reason: "refused"))
        } else {
            send(.provisioned(name, generation: generation))
        }
    }

    /// What nobody should be hurt by.
    private mutating func lateEvents() {
        send(.exited(InstanceID("nobody", 1), Termination(.exited(0))))
        send(.notifiedReady(InstanceID("order", 9)))
        send(.provisioned("broker", generation: 0))
        send(.scaleRequested("nobody", instances: 1, actor: "simulation"))
    }

    /// The supervisor dies, and another one finds what it left.
    private mutating func replaceSupervisor() {
        // What was being started is started: the keeper had the request.
        for id in spawning { processes[id] = Process(ignoresSignals: false) }
        spawning = []
        provisioning = []
        let found = processes.keys.sorted().map { id in
            FoundProcess(
                id: id,
                condition: .running(
                    SpawnedProcess(pid: steps, port: 20_000, fingerprint: definitions.first { $0.name == id.service }?.fingerprint ?? ""),
                    isReady: false))
        }
        for id in processes.keys { processes[id]?.isAsked = false }
        state = SupervisionState(seed: seed &+ UInt64(steps))
        perform(state.handle(.started(definitions, .init(), found: found), at: now))
    }

    // MARK: What must hold

    private mutating func check() {
        for service in state.services {
            for instance in service.instances {
                let id = InstanceID(service.name, instance.number)
                let isRunning = processes[id] != nil
                if isRunning != (instance.phase.process != nil) { fail("\(id) is \(instance.phase.label), and runs: \(isRunning)") }
                let isSpawning = if case .spawning = instance.phase { true } else { false }
                if isSpawning != spawning.contains(id) { fail("\(id) is \(instance.phase.label), which the keeper does not know of") }
                if service.isHeld, !state.isShuttingDown, case .up = instance.phase { fail("\(id) is held and goes on running") }
            }
        }
        for id in processes.keys where state.service(named: id.service)?.instances.contains(where: { $0.number == id.number }) != true {
            fail("\(id) runs and nobody knows of it")
        }
        if let deadline = state.nextDeadline, deadline <= now, state.handle(.timerFired, at: now).isEmpty, state.nextDeadline == deadline {
            fail("a deadline has passed and nothing comes of it")
        }
    }

    private mutating func fail(_ text: String) { violations.append("step \(steps): \(text)") }

    /// In a world that behaves, everything that is wanted comes up; and everything goes down when it is told to.
    mutating func comeToRest() {
        guard violations.isEmpty else { return }
        for definition in definitions { send(.startRequested(definition.name, actor: "simulation")) }
        if state.service(named: "order")?.desired == 0 { send(.scaleRequested("order", instances: 1, actor: "simulation")) }
        for _ in 0..<2_000 where state.overallState != .ready { behave() }
        if state.overallState != .ready { fail("it does not come to rest: \(state.overallReason ?? "no reason")") }
        send(.shutdownRequested(reason: "simulation"))
        for _ in 0..<2_000 where !state.isFinished { behave() }
        if !state.isFinished || !processes.isEmpty { fail("it does not end: \(state.overallReason ?? "no reason")") }
    }

    private mutating func behave() {
        now += .milliseconds(500)
        send(.timerFired)
        for id in spawning {
            processes[id] = Process(ignoresSignals: false)
            let fingerprint = definitions.first { $0.name == id.service }?.fingerprint ?? ""
            spawning.removeAll { $0 == id }
            send(.spawned(id, SpawnedProcess(pid: steps, port: 20_000, fingerprint: fingerprint)))
        }
        for (name, generation) in provisioning { send(.provisioned(name, generation: generation)) }
        provisioning = []
        endSome()
        for id in processes.keys.sorted() {
            if id.service == "migrate", !state.isShuttingDown {
                processes[id] = nil
                send(.exited(id, Termination(.exited(0))))
                continue
            }
            guard let instance = state.service(named: id.service)?.instances.first(where: { $0.number == id.number }) else { continue }
            for purpose in SupervisedProbe.Purpose.allCases { send(.probeSucceeded(id, generation: instance.generation, purpose)) }
        }
        check()
    }
}
