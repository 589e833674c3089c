import Topology

extension SupervisionState {
    mutating func startProbes(_ p: Position, _ process: RunningProcess, _ purposes: [SupervisedProbe.Purpose]) {
        let definition = services[p.service].definition(for: process.fingerprint)
        let hasSucceeded = self[p].phase.isReady
        let assignments = purposes.compactMap { purpose in
            definition.probe(for: purpose).map { ProbeAssignment(purpose: purpose, probe: $0, hasSucceeded: hasSucceeded) }
        }
        if !assignments.isEmpty { effects.append(.startProbes(id(p), process, assignments)) }
    }

    mutating func probeSucceeded(_ id: InstanceID, generation: Int, _ purpose: SupervisedProbe.Purpose) {
        guard let p = position(of: id), case .up(let process, var health) = self[p].phase, process.generation == generation,
            let probe = services[p.service].definition(for: process.fingerprint).probe(for: purpose)
        else { return }
        switch purpose {
        case .startup:
            health.startup.countSuccess()
            setPhase(.up(process, health), p)
            if !health.isStarted && health.startup.successes >= probe.successThreshold { becomeStarted(p, process, health) }
        case .readiness:
            health.readiness.countSuccess()
            setPhase(.up(process, health), p)
            doubtIsOver(p.service)
            if health.isStarted && !health.isReady && health.readiness.successes >= probe.successThreshold {
                becomeReady(p, process, health, cause: "its readiness probe succeeded")
            }
        case .liveness:
            health.liveness.countSuccess()
            setPhase(.up(process, health), p)
        }
    }

    mutating func probeFailed(_ id: InstanceID, generation: Int, _ purpose: SupervisedProbe.Purpose, answer: String) {
        guard let p = position(of: id), case .up(let process, var health) = self[p].phase, process.generation == generation,
            let probe = services[p.service].definition(for: process.fingerprint).probe(for: purpose)
        else { return }
        switch purpose {
        case .startup:
            health.startup.countFailure(answer)
            setPhase(.up(process, health), p)
            if !health.isStarted && health.startup.failures >= probe.failureThreshold {
                endUnhealthy(p, Self.cause(purpose, failures: health.startup.failures), answer)
            }
        case .readiness:
            health.readiness.countFailure(answer)
            let threshold = services[p.service].doubtedSince == nil ? probe.failureThreshold : 1
            if health.isReady && health.readiness.failures >= threshold {
                health.isReady = false
                enter(
                    .up(process, health), p, cause: Self.cause(purpose, failures: health.readiness.failures), evidence: answer)
                doubtWasRight(p.service)
            } else {
                setPhase(.up(process, health), p)
            }
        case .liveness:
            health.liveness.countFailure(answer)
            setPhase(.up(process, health), p)
            let isJudged =
                health.hasBeenReady || services[p.service].definition.startup != nil || now - process.upSince >= Self.startupAllowance
            if isJudged && health.liveness.failures >= probe.failureThreshold && process.pid != nil {
                endUnhealthy(p, Self.cause(purpose, failures: health.liveness.failures), answer)
            }
        }
        // What is to be replaced may be known to do no work now.
        if services[p.service].instances[p.instance].replacement != nil { markDirty(p.service) }
    }

    mutating func notifiedReady(_ id: InstanceID) {
        guard let p = position(of: id) else { return }
        switch self[p].phase {
        case .spawning(var early):
            early.isReadyNotified = true
            setPhase(.spawning(early), p)
        case .up(let process, var health):
            let definition = services[p.service].definition(for: process.fingerprint)
            health.hasSaidReady = true
            setPhase(.up(process, health), p)
            if !health.isStarted && definition.startup?.check == .declared(.notify) { becomeStarted(p, process, health) }
            guard case .up(let process, let health) = self[p].phase, health.isStarted, !health.isReady,
                definition.readiness?.check == .declared(.notify)
            else { return }
            becomeReady(p, process, health, cause: "it has said READY=1")
        default:
            break
        }
    }

    mutating func statusTold(_ id: InstanceID, _ text: String) {
        guard let p = position(of: id), p.seat == .main else { return }
        services[p.service].instances[p.instance].statusText = text.isEmpty ? nil : String(text.prefix(Self.maximumStatusText))
    }

    private mutating func becomeStarted(_ p: Position, _ process: RunningProcess, _ health: ProcessHealth) {
        let definition = services[p.service].definition(for: process.fingerprint)
        var health = health
        health.isStarted = true
        setPhase(.up(process, health), p)
        markDirty(p.service)
        startProbes(p, process, [.readiness, .liveness])
        if definition.readiness == nil {
            becomeReady(p, process, health, cause: "its startup probe succeeded")
        } else if health.hasSaidReady && definition.readiness?.check == .declared(.notify) {
            becomeReady(p, process, health, cause: "it has said READY=1")
        }
    }

    mutating func becomeReady(_ p: Position, _ process: RunningProcess, _ health: ProcessHealth, cause: String) {
        let (s, i) = (p.service, p.instance)
        var health = health
        health.isReady = true
        health.hasBeenReady = true
        if let limit = services[s].definition(for: process.fingerprint).watchdog, health.watchdogUntil == nil {
            health.watchdogUntil = now + limit
        }
        enter(.up(process, health), p, cause: cause)
        if process.fingerprint == services[s].definition.fingerprint { services[s].isProven = true }
        switch p.seat {
        case .main:
            services[s].instances[i].main.trialUntil = nil
            services[s].instances[i].main.provenAt = nil
            markChanged(s)
        case .companion:
            services[s].instances[i].companion?.trialUntil = nil
            services[s].instances[i].companion?.provenAt = nil
            succeed(s, i)
        }
    }

    /// In a shutdown its turn comes anyway, and not before those that use it are gone.
    mutating func endUnhealthy(_ p: Position, _ cause: String, _ evidence: String?) {
        guard !isShuttingDown else { return }
        endProcess(p, because: .unhealthy(cause), wish: Wish(cause, by: Wish.supervisor), evidence: evidence)
    }

    private static func cause(_ purpose: SupervisedProbe.Purpose, failures: Int) -> String {
        "its \(purpose.rawValue) probe failed" + (failures > 1 ? " \(failures) times" : "")
    }
}
