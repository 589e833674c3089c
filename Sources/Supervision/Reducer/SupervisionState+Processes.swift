import Topology

/// What the keeper tells of processes.
extension SupervisionState {
    mutating func spawned(_ id: InstanceID, _ process: SpawnedProcess) {
        guard let p = position(of: id), case .spawning(let early) = self[p].phase else { return }
        rise(p, process, isReady: false, cause: "it has been started", evidence: process.pid.map { "pid \($0)" })
        if early.isReadyNotified || process.isReadyNotified { notifiedReady(id) }
        if let termination = early.exit { exited(id, termination) }
    }

    mutating func spawnFailed(_ id: InstanceID, reason: String, isPermanent: Bool) {
        guard let p = position(of: id), case .spawning = self[p].phase else { return }
        let (s, i) = (p.service, p.instance)
        let cause = "it could not be started"
        services[s].instances[i].lastProblem = reason
        switch p.seat {
        case .companion where services[s].instances[i].role == .leaving:
            companionGone(s, i, cause: cause, evidence: reason)
        case .companion where isPermanent:
            setPhase(.stopped, p)
            markDirty(s)
            trialFailed(p, "\(cause): \(reason)")
        case .companion:
            successorFell(p, upFor: .zero, cause: cause, evidence: reason)
        case .main where !isWanted(s, i):
            enter(.stopped, p, cause: wish(s).cause, evidence: reason, actor: wish(s).actor)
        case .main where isPermanent:
            giveUp(p, reason, cause: cause, evidence: reason)
        case .main:
            restartOrGiveUp(p, upFor: .zero, cause: cause, evidence: reason)
        }
    }

    mutating func mainExited(_ id: InstanceID, _ termination: Termination) {
        guard let p = position(of: id) else { return }
        let cause = "its main process has ended"
        switch self[p].phase {
        case .up(let process, _):
            effects.append(.stopProbes(id))
            enter(.clearing(process, until: now + Self.killInterval), p, cause: cause, evidence: termination.description)
        case .draining(let process, _):
            enter(
                .stopping(process, deadline: now + Self.killInterval, isKilled: false), p, cause: cause, evidence: termination.description)
        default:
            break
        }
    }

    mutating func exited(_ id: InstanceID, _ termination: Termination) {
        guard let p = position(of: id), self[p].slot == id.slot else {
            effects.append(.forget(id))
            return
        }
        switch self[p].phase {
        case .spawning(var early):
            early.exit = termination
            setPhase(.spawning(early), p)
        case .up(let process, _):
            effects.append(.stopProbes(id))
            effects.append(.forget(id))
            ended(p, termination, upFor: now - process.upSince)
        case .clearing(let process, _), .draining(let process, _), .stopping(let process, _, _):
            effects.append(.forget(id))
            ended(p, termination, upFor: now - process.upSince)
        case .waiting, .backoff, .stopped, .failed, .completed, .scheduled:
            effects.append(.forget(id))
        }
    }

    /// A process is there: just started, or found running.
    mutating func rise(_ p: Position, _ spawned: SpawnedProcess, isReady: Bool, cause: String, evidence: String?) {
        let (s, i) = (p.service, p.instance)
        services[s].instances[i].generation += 1
        services[s].instances[i].lastProblem = nil
        services[s].instances[i].statusText = nil
        let process = RunningProcess(
            generation: services[s].instances[i].generation, pid: spawned.pid, port: spawned.port, startedAt: spawned.startedAt,
            upSince: now, fingerprint: spawned.fingerprint)
        let definition = services[s].definition(for: spawned.fingerprint)
        let isStarted = definition.startup == nil || isReady
        let mustProve = self[p].trialUntil != nil && !isReady && definition.startup == nil && definition.readiness == nil
        let health = ProcessHealth(
            isStarted: isStarted, isReady: isReady || isStarted && definition.readiness == nil && !mustProve)
        if mustProve { setProven(now + Self.provingTime, p) }
        markChanged(s)
        if services[s].schedule != nil { runBegan(s, at: spawned.startedAt) }
        if p.seat == .main { services[s].instances[i].main.fingerprint = spawned.fingerprint }
        if health.isReady {
            // By way of not being ready, so that all that follows from becoming so does.
            var unready = health
            unready.isReady = false
            unready.hasBeenReady = false
            enter(.up(process, unready), p, cause: cause, evidence: evidence)
            startProbes(p, process, Self.purposes(isStarted: isStarted))
            becomeReady(p, process, health, cause: definition.readiness == nil ? "it is up, and has no probe to wait for" : cause)
        } else {
            enter(.up(process, health), p, cause: cause, evidence: evidence)
            startProbes(p, process, Self.purposes(isStarted: isStarted))
        }
        noteOtherDeclaration(s, i)
    }

    /// What runs of another declaration than the one in force is to be replaced.
    mutating func noteOtherDeclaration(_ s: Int, _ i: Int) {
        guard services[s].isContinuous, services[s].instances[i].replacement == nil, services[s].instances[i].main.phase.isLive,
            !services[s].instances[i].hasSuccessor,
            let process = services[s].instances[i].phase.process, process.fingerprint != services[s].definition.fingerprint
        else { return }
        services[s].instances[i].replacement = .init(
            wish: Wish("its declaration has changed", by: services[s].wish.actor), isRestart: false)
    }

    static func purposes(isStarted: Bool) -> [SupervisedProbe.Purpose] { isStarted ? [.readiness, .liveness] : [.startup] }
}
