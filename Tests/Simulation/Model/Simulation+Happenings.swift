import Supervision
import Topology

/// What happens in the world by itself.
extension Simulation {
    mutating func happen(_ occurrence: Occurrence) {
        switch occurrence {
        case .spawn(let id, let fingerprint, let request):
            // The keeper has it, whether a supervisor is there or not.
            carryOutSpawn(id, fingerprint, request)
        case .mainExit(let id, let pid):
            guard let process = processes[id], process.pid == pid, let end = process.end else { return }
            processes[id]?.isMainGone = true
            send(.mainExited(id, end))
        case .exit(let id, let pid):
            guard processes[id]?.pid == pid else { return }
            let end = finishExit(id)
            if isUp { noteEnd(id, end) }
            send(.exited(id, end.termination))
        case .probe(let id, let purpose, let token): probe(id, purpose, token)
        case .sayReady(let id, let pid):
            guard let process = processes[id], process.pid == pid, process.behaviour != .neverReady else { return }
            processes[id]?.isReadyNotified = true
            processes[id]?.isToldReady = true
            send(.notifiedReady(id))
        case .sayAlive(let id, let pid): sayAlive(id, pid)
        case .provision(let name, let generation, let supervisor):
            guard supervisor == supervisors else { return }
            if isChaotic, chance(0.2) {
                send(.provisioningFailed(name, generation: generation, reason: "refused"))
            } else {
                send(.provisioned(name, generation: generation))
            }
        case .serverComesBack(let name): serversAway.remove(name)
        case .supervisorComesUp: comeUp()
        case .clock(let supervisor):
            guard supervisor == supervisors, isUp else { return }
            agenda.plan(.clock(supervisor: supervisor), at: now + .seconds(1))
            send(.clockRead(secondsSince1970: timeOfDay))
        case .chaos: doHarm()
        case .mustBeGone(let name, let stop): mustBeGone(name, stop)
        }
    }

    private mutating func sayAlive(_ id: InstanceID, _ pid: Int) {
        guard let process = processes[id], process.pid == pid, !process.hangs,
            let watchdog = declarations["\(id.service) \(process.fingerprint)"]?.watchdog
        else { return }
        agenda.plan(.sayAlive(id, pid: pid), at: now + watchdog / 2)
        send(.watchdogPinged(id))
    }

    mutating func noteEnd(_ id: InstanceID, _ end: SimulatedEnd) {
        // By its exceptions another end may count as its work done.
        let mayComplete = declared.first { $0.name == id.service }.map { !$0.restart.exceptions.isEmpty } ?? false
        told[id.service, default: [:]][id.number] = end.termination.isSuccess || mayComplete ? end.fingerprint : nil
    }

    // MARK: Chaos

    mutating func doHarm() {
        guard isChaotic else { return }
        agenda.plan(.chaos, at: now + milliseconds(20...1_000))
        let service = declared.randomElement(using: &random)?.name ?? "nobody"
        let process = processes.keys.sorted().randomElement(using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<22: if let process { end(process, anyEnd()) }
        case 22..<26: if let process { processes[process]?.hangs = true }
        case 26..<30: if declared.contains(where: { $0.kind == .server }) { loseServer() }
        case 30..<36: stop(service)
        case 36..<44: ask(.startRequested(service, actor: "person"), service)
        case 44..<50: ask(.restartRequested(service, actor: "person"), service)
        case 50..<53: ask(.runRequested(service, actor: "person"), service)
        case 53..<59: ask(.scaleRequested(service, instances: Int.random(in: 0...5, using: &random), actor: "person"), service)
        case 59..<67: measure()
        case 67..<75: apply(maker.changed(declared))
        case 75..<78: if let process { send(.watchdogTriggered(process)) }
        case 78..<84: lateEvents(service)
        case 84..<86: clockShift += Double.random(in: -100...400, using: &random)
        case 86: clockShift += Double(Int.random(in: -5...5, using: &random)) * 86_400 + Double.random(in: -4_000...4_000, using: &random)
        case 87..<89: if isUp { crash() }
        case 89..<91: isCrashArmed = isUp
        default: if let process { processes[process]?.ignoresSignals = true }
        }
    }

    private mutating func anyEnd() -> Termination {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: Termination(.exited(0))
        case 1: Termination(.exited(78))
        case 2: Termination(.signalled(11))
        case 3: Termination(.signalled(9), isOutOfMemory: true)
        default: Termination(.exited(1))
        }
    }

    private mutating func loseServer() {
        guard let server = declared.filter({ $0.kind == .server }).randomElement(using: &random) else { return }
        serversAway.insert(server.name)
        agenda.plan(.serverComesBack(server.name), at: now + milliseconds(100...20_000))
        end(InstanceID(server.name, 1), Termination(.signalled(9)))
    }

    mutating func stop(_ service: String) {
        guard isUp, declared.contains(where: { $0.name == service }) else { return }
        held.insert(service)
        expectGone(service)
        send(.stopRequested(service, actor: "person"))
    }

    mutating func expectGone(_ service: String) {
        lastStop += 1
        stops[service] = lastStop
        let grace =
            [state.service(named: service)?.definition.stop.grace, declared.first { $0.name == service }?.stop.grace]
            .compactMap(\.self).max() ?? .zero
        // A start that is under way, the gateway's notice, its grace, and two kills that do not reach it.
        agenda.plan(.mustBeGone(service, stop: lastStop), at: now + grace + grace + .seconds(17))
    }

    private mutating func mustBeGone(_ name: String, _ stop: Int) {
        // The next supervisor gives it its time anew.
        guard isUp, stops[name] == stop, held.contains(name) else { return }
        if let left = processes.keys.filter({ $0.service == name }).min() { fail("\(left) is still there long after \(name) was stopped") }
    }

    mutating func ask(_ event: SupervisionEvent, _ service: String) {
        guard isUp else { return }
        if case .scaleRequested(_, let instances, _) = event {
            let range = state.service(named: service)?.definition.range ?? 0...0
            if state.service(named: service)?.definition.kind == .service, min(max(instances, range.lowerBound), range.upperBound) > 0 {
                held.remove(service)
            }
        } else {
            held.remove(service)
        }
        if !held.contains(service) { stops[service] = nil }
        send(event)
    }

    mutating func measure() {
        var measures = ScaleMeasures(readyMessages: ["q": Int.random(in: 0...60, using: &random)])
        if chance(0.5) { measures.consumerUtilisation["q"] = Double.random(in: 0...1, using: &random) }
        if chance(0.5) {
            for id in processes.keys.sorted() { measures.cores[id] = Double.random(in: 0...2, using: &random) }
        }
        send(.measured(measures))
    }

    mutating func apply(_ services: [SupervisedService]) {
        guard isUp, !isShutdownAsked else { return }
        declared = services
        learn(services)
        send(.topologyApplied(services, actor: "person"))
        for name in held where !services.contains(where: { $0.name == name }) {
            held.remove(name)
            stops[name] = nil
        }
    }

    /// What nobody should be hurt by.
    private mutating func lateEvents(_ service: String) {
        let slot: InstanceID.Slot = chance(0.5) ? .a : .b
        let id = InstanceID(service, Int.random(in: 1...4, using: &random), slot)
        switch Int.random(in: 0..<7, using: &random) {
        case 0 where processes[id] == nil && requests[id] == nil: send(.exited(id, Termination(.exited(0))))
        case 1 where requests[id] == nil: send(.spawnFailed(id, reason: "late", isPermanent: true))
        case 2: send(.probeFailed(id, generation: (generations[id] ?? 0) - 1, .readiness, answer: "late"))
        case 3: send(.provisioned(service, generation: -1))
        case 4: send(.scaleRequested("nobody", instances: 3, actor: "person"))
        case 5: send(.statusTold(id, "late"))
        default: send(.timerFired)
        }
    }
}
