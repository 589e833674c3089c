import Supervision
import Topology

/// The keeper's part, and the shell's between it and the reducer.
extension Simulation {
    mutating func perform(_ effects: [SupervisionEffect]) {
        for effect in effects {
            if isCrashArmed, chance(0.1) { return crash() }
            perform(effect)
        }
        if isCrashArmed { crash() }
    }

    private mutating func perform(_ effect: SupervisionEffect) {
        switch effect {
        case .spawn(let id, let fingerprint): requestSpawn(id, fingerprint)
        case .signal(let id, _): signal(id)
        case .killAll(let id): kill(id)
        case .forget(let id):
            if processes[id] != nil && requests[id] == nil && ended[id] == nil { fail("\(id) is to be forgotten while it runs") }
            ended[id] = nil
        case .startProbes(let id, let process, let assignments): startProbes(id, process, assignments)
        case .stopProbes(let id): asking[id] = nil
        case .provision(let name, let generation):
            agenda.plan(.provision(name, generation: generation, supervisor: supervisors), at: now + milliseconds(1...3_000))
        case .publishGatewayConfiguration(let upstreams): publish(upstreams)
        case .record: break
        case .remember(let memory): self.memory = memory
        case .finish:
            if !processes.isEmpty || !requests.isEmpty { fail("it has finished, and there is still \(processes.keys.sorted())") }
        }
    }

    private mutating func requestSpawn(_ id: InstanceID, _ fingerprint: String) {
        checkSpawn(id, fingerprint)
        lastRequest += 1
        requests[id] = lastRequest
        agenda.plan(.spawn(id, fingerprint: fingerprint, request: lastRequest), at: now + milliseconds(isChaotic ? 1...300 : 1...20))
    }

    mutating func carryOutSpawn(_ id: InstanceID, _ fingerprint: String, _ request: Int) {
        guard requests[id] == request else { return }
        requests[id] = nil
        guard processes[id] == nil else { return fail("the keeper is asked to start \(id) while it runs") }
        guard let definition = declarations["\(id.service) \(fingerprint)"] else {
            return send(.spawnFailed(id, reason: "it is not declared", isPermanent: true))
        }
        let behaviour = maker.behaviours[fingerprint] ?? .good
        if behaviour == .cannotStart { return send(.spawnFailed(id, reason: "no such command", isPermanent: true)) }
        if isChaotic, chance(0.05) { return send(.spawnFailed(id, reason: "no memory", isPermanent: chance(0.2))) }
        if definition.isExternal {
            return send(
                .spawned(id, SpawnedProcess(pid: nil, startedAt: timeOfDay, fingerprint: fingerprint, foundation: definition.foundation)))
        }
        lastPID += 1
        var process = SimulatedProcess(
            pid: lastPID, fingerprint: fingerprint, foundation: definition.foundation, startedAt: timeOfDay,
            port: 20_000 + lastPID % 10_000, behaviour: behaviour)
        if isChaotic {
            process.ignoresSignals = chance(0.1)
            process.survivesKills = chance(0.05) ? Int.random(in: 1...2, using: &random) : 0
        }
        processes[id] = process
        ended[id] = nil
        planLife(id, process, definition)
        if isChaotic, chance(0.02) {
            // It ends before its start has been answered.
            processes[id]?.end = Termination(.exited(1))
            let end = finishExit(id)
            if isUp { noteEnd(id, end) }
            send(.exited(id, end.termination))
        }
        send(.spawned(id, spawnedProcess(process)))
        if processes[id]?.pid == process.pid, chance(0.3) { send(.statusTold(id, "at work")) }
    }

    func spawnedProcess(_ process: SimulatedProcess) -> SpawnedProcess {
        SpawnedProcess(
            pid: process.pid, port: process.port, startedAt: process.startedAt, fingerprint: process.fingerprint,
            foundation: process.foundation, isReadyNotified: process.isReadyNotified)
    }

    private mutating func planLife(_ id: InstanceID, _ process: SimulatedProcess, _ definition: SupervisedService) {
        switch definition.lifetime {
        case .continuous:
            if process.behaviour == .crashes { return plan(Termination(.exited(1)), id, after: milliseconds(10...1_000)) }
            agenda.plan(.sayReady(id, pid: process.pid), at: now + milliseconds(10...2_000))
            if let watchdog = definition.watchdog { agenda.plan(.sayAlive(id, pid: process.pid), at: now + watchdog / 2) }
        case .once:
            let isWell = process.behaviour == .good && !(isChaotic && chance(0.3))
            plan(Termination(.exited(isWell ? 0 : 1)), id, after: milliseconds(50...5_000))
        case .scheduled:
            let isWell = process.behaviour == .good && !(isChaotic && chance(0.3))
            plan(Termination(.exited(isWell ? 0 : 1)), id, after: milliseconds(500...80_000))
        }
    }

    private mutating func plan(_ termination: Termination, _ id: InstanceID, after delay: Duration) {
        guard let process = processes[id] else { return }
        processes[id]?.end = termination
        agenda.plan(.exit(id, pid: process.pid), at: now + delay)
    }

    /// Has a process end, now or soon.
    mutating func end(_ id: InstanceID, _ termination: Termination, after delay: Duration = .zero) {
        guard let process = processes[id] else { return }
        processes[id]?.end = termination
        if chance(0.3) { agenda.plan(.mainExit(id, pid: process.pid), at: now + delay) }
        agenda.plan(.exit(id, pid: process.pid), at: now + delay + milliseconds(0...30))
    }

    /// Nothing of it is left. It is on the keeper's list until it is told to forget it.
    mutating func finishExit(_ id: InstanceID) -> SimulatedEnd {
        let process = processes.removeValue(forKey: id)
        let end = SimulatedEnd(termination: process?.end ?? Termination(.exited(0)), fingerprint: process?.fingerprint ?? "")
        asking[id] = nil
        ended[id] = end
        return end
    }

    private mutating func signal(_ id: InstanceID) {
        checkOrder(id)
        guard let process = processes[id] else {
            if ended[id] == nil { fail("\(id) is signalled and does not run") }
            return
        }
        if process.signalledAt == nil { processes[id]?.signalledAt = now }
        if process.ignoresSignals || process.hangs { return }
        end(id, chance(0.7) ? Termination(.exited(0)) : Termination(.signalled(15)), after: milliseconds(isChaotic ? 0...3_000 : 0...500))
    }

    private mutating func kill(_ id: InstanceID) {
        guard var process = processes[id] else {
            if ended[id] == nil { fail("\(id) is killed and does not run") }
            return
        }
        if let last = process.killedAt, now - last < .seconds(4), !isShutdownAsked { fail("\(id) is killed twice within four seconds") }
        process.killedAt = now
        checkGrace(id, process)
        if process.survivesKills > 0 {
            process.survivesKills -= 1
            processes[id] = process
            return
        }
        processes[id] = process
        end(id, Termination(.signalled(9)), after: milliseconds(1...50))
    }

    // MARK: Probes

    private mutating func startProbes(_ id: InstanceID, _ process: RunningProcess, _ assignments: [ProbeAssignment]) {
        generations[id] = process.generation
        if asking[id] == nil {
            lastAsking += 1
            asking[id] = lastAsking
        }
        guard let token = asking[id] else { return }
        for assignment in assignments where assignment.probe.check != .declared(.notify) {
            agenda.plan(.probe(id, assignment.purpose, asking: token), at: now + milliseconds(5...800))
        }
    }

    mutating func probe(_ id: InstanceID, _ purpose: SupervisedProbe.Purpose, _ token: Int) {
        guard asking[id] == token, let generation = generations[id] else { return }
        let knowsAll = state.service(named: id.service)?.instances.allSatisfy(\.phase.isReady) ?? false
        let definition = declared.first { $0.name == id.service }
        guard processes[id] != nil || definition?.isExternal == true else { return }
        let isWell = isAnswering(id, purpose)
        agenda.plan(
            .probe(id, purpose, asking: token), at: now + milliseconds(isChaotic || isWell && knowsAll ? 1_000...6_000 : 300...2_000))
        if isWell {
            if purpose == .readiness { processes[id]?.isToldReady = true }
            send(.probeSucceeded(id, generation: generation, purpose))
        } else {
            send(.probeFailed(id, generation: generation, purpose, answer: "status 503"))
        }
    }

    private mutating func isAnswering(_ id: InstanceID, _ purpose: SupervisedProbe.Purpose) -> Bool {
        if serversAway.contains(id.service) { return false }
        guard let process = processes[id] else { return true }
        if process.hangs { return false }
        if process.behaviour == .crashes || process.behaviour == .neverReady && purpose != .liveness { return false }
        return !(isChaotic && chance(purpose == .liveness ? 0.03 : 0.08))
    }

    private mutating func publish(_ upstreams: [String: [GatewayConfiguration.Upstream]]) {
        published = upstreams
        for (name, list) in upstreams {
            var ready: Set<Int> = []
            for upstream in list where upstream.state == .ready {
                if !ready.insert(upstream.instance).inserted { fail("\(name)/\(upstream.instance) is published as ready twice") }
            }
        }
    }

    // MARK: The supervisor's death and its successor

    /// Kills the supervisor. What it had asked of the keeper is done or not.
    mutating func crash() {
        isUp = false
        checkMemoryOfRuns()
        isCrashArmed = false
        asking = [:]
        generations = [:]
        for id in requests.keys.sorted() where chance(0.3) { requests[id] = nil }
        agenda.plan(.supervisorComesUp, at: now + milliseconds(1...500))
    }

    mutating func comeUp() {
        guard !isUp else { return }
        isUp = true
        supervisors += 1
        origin = now - milliseconds(0...1_000)
        for id in requests.keys.sorted() where processes[id] == nil { requests[id] = nil }
        for id in processes.keys { processes[id]?.killedAt = nil }
        var found: [FoundProcess] = []
        for id in processes.keys.sorted() {
            guard let process = processes[id] else { continue }
            let isReady = published[id.service]?.contains { $0.port == process.port && $0.state == .ready } ?? false
            found.append(FoundProcess(id: id, condition: .running(spawnedProcess(process), isReady: isReady)))
        }
        for id in ended.keys.sorted() where processes[id] == nil {
            guard let end = ended[id] else { continue }
            noteEnd(id, end)
            found.append(FoundProcess(id: id, condition: .ended(end.termination, fingerprint: end.fingerprint)))
        }
        foundEnds = Set(ended.keys.map(\.service))
        state = SupervisionState(seed: random.next())
        held = memory.held
        // A run asked for just before the supervisor's end may not have come about: then the one before it counts.
        for (key, fingerprint) in memory.completed {
            if let id = InstanceID(key) { told[id.service, default: [:]][id.number] = fingerprint }
        }
        send(.clockRead(secondsSince1970: timeOfDay))
        send(.started(declared, previous: kept.filter { name, _ in declared.contains { $0.name == name } }, memory, found: found))
        checkRunsAreKept()
        for name in Set(stops.keys).union(held).sorted() {
            stops[name] = nil
            if held.contains(name) { expectGone(name) }
        }
        agenda.plan(.clock(supervisor: supervisors), at: now + .seconds(1))
        if isShutdownAsked { send(.shutdownRequested(reason: "simulation", within: nil)) }
    }
}
