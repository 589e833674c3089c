import Topology

/// The steps of a single process, main or companion.
extension SupervisionState {
    /// What time and dependencies make of a process that is wanted, or is on its way out.
    mutating func attend(_ p: Position) {
        switch self[p].phase {
        case .waiting(let missing):
            let unsatisfied = obstacles(p)
            if unsatisfied.isEmpty {
                comeBack(p, missing)
            } else if unsatisfied != missing {
                setPhase(.waiting(for: unsatisfied), p)
            }
        case .backoff(let until):
            if until <= now { begin(p, cause: "its time to wait before a restart is over", actor: Wish.supervisor) }
        case .up(_, let health):
            if let until = health.watchdogUntil, until <= now { watchdogExpired(p) }
            if let proven = self[p].provenAt, proven <= now { proved(p) }
        case .clearing(let process, let until):
            if until <= now {
                effects.append(.killAll(id(p)))
                enter(.clearing(process, until: now + Self.killInterval), p, cause: "something of it is left")
            }
        case .draining(let process, let until):
            if until <= now { signalStop(p, process, wish: Wish("it has been drained", by: Wish.supervisor)) }
        case .stopping(let process, let deadline, _):
            if deadline <= now { kill(p, process, cause: "it did not end within its grace") }
        case .spawning, .stopped, .failed, .completed, .scheduled:
            break
        }
        if let until = self[p].trialUntil, until <= now { trialExpired(p) }
    }

    /// Starts what waited for others, in its turn if it has run before.
    private mutating func comeBack(_ p: Position, _ missing: [String]) {
        let evidence = missing.joined(separator: ", ")
        guard p.seat == .main, services[p.service].instances[p.instance].generation > 0 else {
            return spawn(p, cause: "what it waited for is ready", evidence: evidence, actor: Wish.supervisor)
        }
        let turn = returning.next(now: now, random: &random)
        if turn <= now {
            spawn(p, cause: "what it waited for is ready again", evidence: evidence, actor: Wish.supervisor)
        } else {
            enter(.backoff(until: turn), p, cause: "what it waited for is ready again, and others start first", evidence: evidence)
        }
    }

    /// Starts the next process, or has it wait for what it depends on.
    mutating func begin(_ p: Position, cause: String, evidence: String? = nil, actor: String) {
        let missing = obstacles(p)
        if missing.isEmpty {
            spawn(p, cause: cause, evidence: evidence, actor: actor)
        } else {
            enter(.waiting(for: missing), p, cause: cause, evidence: evidence, actor: actor)
        }
    }

    private mutating func spawn(_ p: Position, cause: String, evidence: String?, actor: String) {
        let (s, i) = (p.service, p.instance)
        var fingerprint = services[s].definition.fingerprint
        if p.seat == .main {
            services[s].instances[i].isRunDue = false
            if services[s].instances[i].keepsPrevious, !services[s].isProven, let previous = services[s].previous {
                fingerprint = previous.fingerprint
            } else {
                services[s].instances[i].keepsPrevious = false
                services[s].instances[i].replacement = nil
                if services[s].previous != nil && services[s].instances[i].main.trialUntil == nil {
                    services[s].instances[i].main.trialUntil = now + services[s].definition.update.readyWithin
                }
            }
            services[s].instances[i].main.fingerprint = fingerprint
        } else {
            services[s].instances[i].companion?.fingerprint = fingerprint
        }
        setProven(nil, p)
        enter(.spawning(.init()), p, cause: cause, evidence: evidence, actor: actor)
        effects.append(.spawn(id(p), fingerprint: fingerprint))
    }

    /// Ends a process, by way of the gateway where it takes requests.
    mutating func endProcess(_ p: Position, because endCause: Occupant.EndCause, wish: Wish, evidence: String? = nil) {
        guard case .up(let process, let health) = self[p].phase else { return }
        switch p.seat {
        case .main: services[p.service].instances[p.instance].main.endCause = endCause
        case .companion: services[p.service].instances[p.instance].companion?.endCause = endCause
        }
        effects.append(.stopProbes(id(p)))
        if process.pid == nil {
            enter(.stopped, p, cause: wish.cause, evidence: evidence, actor: wish.actor)
        } else if services[p.service].definition.takesRequests && health.isReady {
            enter(.draining(process, until: now + Self.drainNotice), p, cause: wish.cause, evidence: evidence, actor: wish.actor)
        } else {
            signalStop(p, process, wish: wish, evidence: evidence)
        }
    }

    private mutating func signalStop(_ p: Position, _ process: RunningProcess, wish: Wish, evidence: String? = nil) {
        let stop = services[p.service].definition(for: process.fingerprint).stop
        effects.append(.signal(id(p), SignalName.number(of: stop.signal) ?? 15))
        enter(
            .stopping(process, deadline: now + stop.grace, isKilled: false), p, cause: wish.cause, evidence: evidence, actor: wish.actor)
    }

    mutating func kill(_ p: Position, _ process: RunningProcess, cause: String) {
        effects.append(.killAll(id(p)))
        enter(.stopping(process, deadline: now + Self.killInterval, isKilled: true), p, cause: cause)
    }

    // MARK: Dependencies

    /// Also the end of its old process, where the two must not run side by side.
    private func obstacles(_ p: Position) -> [String] {
        let missing = unsatisfiedDependencies(p.service)
        guard p.seat == .main, !services[p.service].definition.update.overlap,
            services[p.service].instances[p.instance].companion?.phase.isLive == true
        else { return missing }
        return missing + ["the end of its old process"]
    }

    /// The names of what is not yet as the service needs it.
    func unsatisfiedDependencies(_ s: Int) -> [String] {
        var missing: [String] = []
        for edge in graph.dependencies[s] where !isSatisfied(edge) { missing.append(services[edge.service].name) }
        return missing
    }

    private func isSatisfied(_ edge: ServiceGraph.Edge) -> Bool {
        let service = services[edge.service]
        // A roll-back may need what the file does not declare any more; that must not wedge anything.
        if service.isRemoved { return true }
        switch (service.definition.lifetime, edge.condition) {
        case (.scheduled, .completed): return service.runs.hasCompleted
        case (.scheduled, _): return true
        // What is there is about to end.
        case (_, _) where service.isRecreating: return false
        case (_, .completed): return Self.isCompleted(service)
        case (.once, .started):
            return service.instances.contains { instance in
                if case .up(let process, _) = instance.phase { return process.fingerprint == service.definition.fingerprint }
                return Self.isDone(instance, service)
            }
        case (.continuous, .started):
            return service.instances.contains { if case .up = $0.phase { true } else { $0.phase == .completed } }
        case (.continuous, .ready):
            return service.doubtedSince == nil && service.provisioning == .done && service.instances.contains { $0.phase.isReady }
        case (.once, .ready):
            // Without a probe a one-shot has no other way to say that it is ready than to be done.
            let isReady = service.instances.contains { instance in
                instance.phase.isReady && instance.phase.process?.fingerprint == service.definition.fingerprint
            }
            return service.definition.readiness != nil && isReady || Self.isCompleted(service)
        }
    }
}
