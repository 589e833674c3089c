import Topology

/// Rolling replacement, and the way back when a new process does not come up.
extension SupervisionState {
    /// Replaces processes that are to be replaced: those that do no work at once, the others one after the other, each only when all that
    /// have been replaced before it are ready and what they took the place of is gone.
    mutating func settleReplacements(_ s: Int) {
        guard !isShuttingDown, !services[s].isRemoved, !services[s].isHeld, !services[s].isRecreating,
            services[s].instances.contains(where: { $0.replacement != nil }), unsatisfiedDependencies(s).isEmpty
        else { return }
        for i in services[s].instances.indices {
            let instance = services[s].instances[i]
            guard let replacement = instance.replacement, instance.intent == .run, instance.companion == nil,
                case .up(let process, let health) = instance.main.phase,
                !services[s].isContinuous || !health.isReady && isKnownUnready(process, health)
            else { continue }
            replaceInPlace(s, i, replacement.wish)
        }
        let isUnderWay = services[s].instances.contains { instance in
            instance.companion != nil || instance.replacement == nil && instance.intent == .run && !instance.isAtRest
        }
        let instances = services[s].instances
        guard !isUnderWay, instances.count == 1 || !instances.contains(where: Self.hasFailed),
            let next = instances.firstIndex(where: { $0.replacement != nil && $0.intent == .run && $0.phase.isReady }),
            let wish = instances[next].replacement?.wish
        else { return }
        if services[s].definition.update.overlap && services[s].definition.kind == .service && services[s].isContinuous {
            services[s].instances[next].replacement = nil
            beginSuccession(s, next, wish: wish)
        } else {
            replaceInPlace(s, next, wish)
        }
        isMemoryStale = true
    }

    private mutating func replaceInPlace(_ s: Int, _ i: Int, _ wish: Wish) {
        services[s].instances[i].replacement = nil
        services[s].instances[i].keepsPrevious = false
        isMemoryStale = true
        endProcess(Position(s, i), because: .asked, wish: wish)
    }

    /// One that has only just been started, or found, may be ready without our knowing.
    private func isKnownUnready(_ process: RunningProcess, _ health: ProcessHealth) -> Bool {
        health.hasBeenReady || health.readiness.failures > 0 || health.startup.failures > 0
            || now - process.upSince >= Self.patienceWithSilence
    }

    private static func hasFailed(_ instance: Instance) -> Bool {
        if case .failed = instance.phase { true } else { false }
    }

    /// An update is over when every instance runs what is declared, and nobody could fall back any more.
    mutating func settleUpdate(_ s: Int) {
        guard services[s].previous != nil else { return }
        let service = services[s]
        let isMoot = service.isRemoved || service.isHeld || service.isRecreating || service.desired == 0 || !service.isContinuous
        let isDone = service.instances.count >= service.desired && service.instances.allSatisfy { isUpdated($0, service) }
        guard isMoot || isDone else { return }
        services[s].previous = nil
        for i in services[s].instances.indices {
            services[s].instances[i].keepsPrevious = false
            services[s].instances[i].main.trialUntil = nil
        }
        isMemoryStale = true
        markDirty(s)
        recordService(
            s, from: "updating", to: isDone ? "updated" : "not updating",
            cause: isDone ? "every instance runs what is declared" : service.wish.cause, actor: service.wish.actor)
    }

    private func isUpdated(_ instance: Instance, _ service: ServiceState) -> Bool {
        guard instance.intent == .run else { return true }
        guard instance.companion == nil, instance.replacement == nil else { return false }
        return instance.phase == .completed
            || instance.phase.isReady && instance.phase.process?.fingerprint == service.definition.fingerprint
    }

    // MARK: Trials

    mutating func trialExpired(_ p: Position) {
        let occupant = self[p]
        guard !occupant.phase.isReady else { return setTrial(nil, p) }
        let limit = services[p.service].definition.update.readyWithin
        // Not its fault, or not decided yet.
        let isExcused = if case .spawning = occupant.phase { true } else { !unsatisfiedDependencies(p.service).isEmpty }
        if isExcused { return setTrial(now + limit, p) }
        let answer =
            if case .up(_, let health) = occupant.phase { (health.isStarted ? health.readiness : health.startup).lastFailure } else {
                String?.none
            }
        trialFailed(p, "it was not ready within \(limit)" + (answer.map { ": \($0)" } ?? ""))
    }

    /// One without a probe on trial has not ended at once: there is no other way to tell.
    mutating func proved(_ p: Position) {
        setProven(nil, p)
        guard case .up(let process, let health) = self[p].phase, !health.isReady else { return }
        becomeReady(p, process, health, cause: "it has not ended, and has no probe to wait for")
    }

    mutating func setProven(_ time: Duration?, _ p: Position) {
        switch p.seat {
        case .main: services[p.service].instances[p.instance].main.provenAt = time
        case .companion: services[p.service].instances[p.instance].companion?.provenAt = time
        }
    }

    private mutating func setTrial(_ until: Duration?, _ p: Position) {
        markDirty(p.service)
        switch p.seat {
        case .main: services[p.service].instances[p.instance].main.trialUntil = until
        case .companion: services[p.service].instances[p.instance].companion?.trialUntil = until
        }
    }

    /// A new process did not come up. What it was to take the place of goes on, or runs again.
    mutating func trialFailed(_ p: Position, _ reason: String) {
        let (s, i) = (p.service, p.instance)
        setTrial(nil, p)
        if services[s].previous != nil { return rollBack(s, "\(services[s].name)/\(services[s].instances[i].number): \(reason)") }
        guard p.seat == .companion else { return }
        services[s].restartProblem = reason
        for other in services[s].instances.indices { services[s].instances[other].replacement = nil }
        isMemoryStale = true
        record(
            Position(s, i), from: "replacing", to: services[s].instances[i].phase.label, cause: "its replacement did not come up",
            evidence: reason)
        retire(s, i, wish: Wish("it did not come up", by: Wish.supervisor))
    }

    /// The declaration before is in force again.
    mutating func rollBack(_ s: Int, _ reason: String) {
        guard let previous = services[s].previous else { return }
        let refused = services[s].definition
        let wish = Wish("the update was rolled back", by: Wish.supervisor)
        services[s].previous = nil
        services[s].definition = previous
        services[s].rolledBack = Remembered.RolledBack(fingerprint: refused.fingerprint, reason: reason)
        services[s].isProven = true
        services[s].wish = wish
        recordService(s, from: "updating", to: "rolled back", cause: "its new declaration did not come up", evidence: reason)
        for i in services[s].instances.indices { rollBackInstance(s, i, previous, wish) }
        let count = services[s].desired == refused.instances && services[s].scaledByHand == nil ? previous.instances : services[s].desired
        setDesired(s, Self.clamp(count, previous), wish)
        rebuildGraph()
        markAll()
        isMemoryStale = true
    }

    private mutating func rollBackInstance(_ s: Int, _ i: Int, _ previous: SupervisedService, _ wish: Wish) {
        let p = Position(s, i)
        services[s].instances[i].keepsPrevious = false
        services[s].instances[i].main.trialUntil = nil
        retire(s, i, wish: wish)
        switch services[s].instances[i].main.phase {
        case .up(let process, let health):
            if process.fingerprint == previous.fingerprint {
                if services[s].instances[i].replacement?.isRestart == false { services[s].instances[i].replacement = nil }
            } else if health.isReady {
                services[s].instances[i].replacement = .init(wish: wish, isRestart: false)
            } else {
                services[s].instances[i].main.history = RestartHistory()
                endProcess(p, because: .asked, wish: wish)
            }
        case .stopping, .draining, .clearing:
            // What ends of the refused declaration is nobody's fault.
            services[s].instances[i].main.endCause = .asked
            services[s].instances[i].main.history = RestartHistory()
        case .failed, .backoff, .completed:
            services[s].instances[i].main.history = RestartHistory()
            enter(.stopped, p, cause: wish.cause, actor: wish.actor)
        case .waiting, .spawning, .stopped, .scheduled:
            break
        }
    }
}
