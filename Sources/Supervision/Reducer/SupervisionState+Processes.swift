import Topology

extension SupervisionState {
    mutating func processSpawned(_ id: InstanceID, _ spawned: SpawnedProcess) {
        guard let (s, i) = position(of: id), case .spawning(let early) = services[s].instances[i].phase else { return }
        rise(s, i, spawned, isReady: false, cause: "it has been started", evidence: spawned.pid.map { "pid \($0)" })
        if early.isReadyNotified || spawned.isReadyNotified { notifiedReady(id) }
        if let termination = early.exit { exited(id, termination) }
    }

    mutating func spawnFailed(_ id: InstanceID, reason: String, isPermanent: Bool) {
        guard let (s, i) = position(of: id), case .spawning = services[s].instances[i].phase else { return }
        services[s].instances[i].lastProblem = reason
        if services[s].instances[i].intent != .run || isShuttingDown {
            enter(.stopped, s, i, cause: wish(s).cause, evidence: reason, actor: wish(s).actor)
        } else if isPermanent {
            enter(.failed(reason), s, i, cause: "it could not be started", evidence: reason)
        } else {
            restartOrGiveUp(s, i, upFor: .zero, cause: "it could not be started", evidence: reason)
        }
    }

    mutating func mainExited(_ id: InstanceID, _ termination: Termination) {
        guard let (s, i) = position(of: id), case .up(let process, var health) = services[s].instances[i].phase else { return }
        health.isReady = false
        health.isEnding = true
        effects.append(.stopProbes(id))
        enter(.up(process, health), s, i, cause: "its main process has ended", evidence: termination.description)
    }

    mutating func exited(_ id: InstanceID, _ termination: Termination) {
        guard let (s, i) = position(of: id) else {
            effects.append(.forget(id))
            return
        }
        switch services[s].instances[i].phase {
        case .spawning(var early):
            early.exit = termination
            services[s].instances[i].phase = .spawning(early)
        case .up(let process, let health):
            if !health.isEnding { effects.append(.stopProbes(id)) }
            effects.append(.forget(id))
            processEnded(s, i, termination, upFor: now - process.upSince)
        case .draining(let process, _):
            effects.append(.forget(id))
            processEnded(s, i, termination, upFor: now - process.upSince)
        case .stopping(let process, _, _):
            effects.append(.forget(id))
            processEnded(s, i, termination, upFor: now - process.upSince)
        case .waiting, .backoff, .stopped, .failed, .completed:
            effects.append(.forget(id))
        }
    }

    /// Decides what becomes of an instance whose process is gone.
    mutating func processEnded(_ s: Int, _ i: Int, _ termination: Termination, upFor: Duration) {
        let instance = services[s].instances[i]
        let definition = services[s].definition
        services[s].instances[i].lastExit = termination
        if definition.kind == .server { makeProvisioningDue(s) }

        let isWanted = instance.intent == .run && !isShuttingDown && !services[s].isRecreating
        let isBeingEnded = if case .up = instance.phase { false } else { true }
        switch (isBeingEnded, instance.endCause) {
        case (true, .asked),
            (true, .unhealthy) where !isWanted:
            enter(.stopped, s, i, cause: "it has ended", evidence: termination.description)
        case (true, .unhealthy(let reason)):
            restartOrGiveUp(s, i, upFor: upFor, cause: reason, evidence: termination.description)
        case (false, _) where !isWanted:
            enter(.stopped, s, i, cause: "it ended by itself", evidence: termination.description)
        case (false, _):
            switch (definition.restart.policy, termination.isSuccess) {
            case (.always, _), (.onFailure, false):
                restartOrGiveUp(s, i, upFor: upFor, cause: "it ended by itself", evidence: termination.description)
            case (.onFailure, true), (.never, true):
                enter(.completed, s, i, cause: "it has done its work", evidence: termination.description)
            case (.never, false):
                enter(
                    .failed("it ended with \(termination), and its restart policy is never"), s, i, cause: "it ended by itself",
                    evidence: termination.description)
            }
        }
    }

    /// The way of everything that ended unasked. One whose dependencies are away waits for them: that it died is not held against it.
    private mutating func restartOrGiveUp(_ s: Int, _ i: Int, upFor: Duration, cause: String, evidence: String?) {
        let definition = services[s].definition
        services[s].instances[i].restarts += 1
        let missing = unsatisfiedDependencies(of: definition)
        guard missing.isEmpty else {
            return enter(.waiting(for: missing), s, i, cause: cause, evidence: evidence)
        }
        switch services[s].instances[i].history.decide(by: definition.restart, upFor: upFor, at: now, random: &random) {
        case .restart(let delay) where delay <= .zero:
            begin(s, i, cause: cause, evidence: evidence, actor: Wish.supervisor)
        case .restart(let delay):
            enter(.backoff(until: now + delay), s, i, cause: cause, evidence: evidence)
        case .giveUp(let reason):
            let last = evidence.map { "; the last time with \($0)" } ?? ""
            enter(.failed(reason + last), s, i, cause: cause, evidence: evidence)
        }
    }

    /// A process is there: just started, or found running.
    mutating func rise(_ s: Int, _ i: Int, _ spawned: SpawnedProcess, isReady: Bool, cause: String, evidence: String?) {
        services[s].instances[i].generation += 1
        services[s].instances[i].lastProblem = nil
        let process = RunningProcess(
            generation: services[s].instances[i].generation, pid: spawned.pid, port: spawned.port, startedAt: spawned.startedAt,
            upSince: now, fingerprint: spawned.fingerprint)
        let definition = services[s].definition
        let isStarted = definition.startup == nil || isReady
        let health = ProcessHealth(isStarted: isStarted, isReady: isReady || (isStarted && definition.readiness == nil))
        enter(.up(process, health), s, i, cause: cause, evidence: evidence)
        let purposes: [SupervisedProbe.Purpose] = isStarted ? [.readiness, .liveness] : [.startup]
        effects.append(.startProbes(id(s, i), process, purposes.filter { definition.probe(for: $0) != nil }))
        if spawned.fingerprint != definition.fingerprint {
            services[s].instances[i].replacement = Wish("its declaration has changed", by: services[s].wish.actor)
        }
    }
}
