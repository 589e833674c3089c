import Topology

extension SupervisionState {
    mutating func probeSucceeded(_ id: InstanceID, generation: Int, _ purpose: SupervisedProbe.Purpose) {
        guard let (s, i) = position(of: id), case .up(let process, var health) = services[s].instances[i].phase,
            process.generation == generation, !health.isEnding, let probe = services[s].definition.probe(for: purpose)
        else { return }
        switch purpose {
        case .startup:
            health.startup.countSuccess()
            services[s].instances[i].phase = .up(process, health)
            if !health.isStarted && health.startup.successes >= probe.successThreshold { becomeStarted(s, i, process, health) }
        case .readiness:
            health.readiness.countSuccess()
            services[s].instances[i].phase = .up(process, health)
            if !health.isReady && health.readiness.successes >= probe.successThreshold {
                becomeReady(s, i, process, health, cause: "its readiness probe succeeded")
            }
        case .liveness:
            health.liveness.countSuccess()
            services[s].instances[i].phase = .up(process, health)
        }
    }

    mutating func probeFailed(_ id: InstanceID, generation: Int, _ purpose: SupervisedProbe.Purpose, answer: String) {
        guard let (s, i) = position(of: id), case .up(let process, var health) = services[s].instances[i].phase,
            process.generation == generation, !health.isEnding, let probe = services[s].definition.probe(for: purpose)
        else { return }
        switch purpose {
        case .startup:
            health.startup.countFailure(answer)
            services[s].instances[i].phase = .up(process, health)
            if !health.isStarted && health.startup.failures >= probe.failureThreshold {
                endUnhealthy(s, i, purpose, failures: health.startup.failures, answer)
            }
        case .readiness:
            health.readiness.countFailure(answer)
            services[s].instances[i].phase = .up(process, health)
            if health.isReady && health.readiness.failures >= probe.failureThreshold {
                health.isReady = false
                enter(
                    .up(process, health), s, i, cause: "its readiness probe failed \(health.readiness.failures) times", evidence: answer)
            }
        case .liveness:
            health.liveness.countFailure(answer)
            services[s].instances[i].phase = .up(process, health)
            let isJudged =
                health.hasBeenReady || services[s].definition.startup != nil || now - process.upSince >= Self.startupAllowance
            if isJudged && health.liveness.failures >= probe.failureThreshold && process.pid != nil {
                endUnhealthy(s, i, purpose, failures: health.liveness.failures, answer)
            }
        }
    }

    mutating func notifiedReady(_ id: InstanceID) {
        guard let (s, i) = position(of: id) else { return }
        let definition = services[s].definition
        switch services[s].instances[i].phase {
        case .spawning(var early):
            early.isReadyNotified = true
            services[s].instances[i].phase = .spawning(early)
        case .up(let process, var health) where !health.isEnding:
            if !health.isStarted && definition.startup?.check == .declared(.notify) { becomeStarted(s, i, process, health) }
            guard case .up(let process, let started) = services[s].instances[i].phase else { return }
            health = started
            if health.isStarted && !health.isReady && definition.readiness?.check == .declared(.notify) {
                becomeReady(s, i, process, health, cause: "it has said READY=1")
            }
        default:
            break
        }
    }

    private mutating func becomeStarted(_ s: Int, _ i: Int, _ process: RunningProcess, _ health: ProcessHealth) {
        let definition = services[s].definition
        var health = health
        health.isStarted = true
        services[s].instances[i].phase = .up(process, health)
        isUnsettled = true
        effects.append(.startProbes(id(s, i), process, [.readiness, .liveness].filter { definition.probe(for: $0) != nil }))
        if definition.readiness == nil { becomeReady(s, i, process, health, cause: "its startup probe succeeded") }
    }

    private mutating func becomeReady(_ s: Int, _ i: Int, _ process: RunningProcess, _ health: ProcessHealth, cause: String) {
        var health = health
        health.isReady = true
        health.hasBeenReady = true
        enter(.up(process, health), s, i, cause: cause)
    }

    private mutating func endUnhealthy(_ s: Int, _ i: Int, _ purpose: SupervisedProbe.Purpose, failures: Int, _ answer: String) {
        let cause = "its \(purpose.rawValue) probe failed \(failures) times"
        endProcess(s, i, because: .unhealthy(cause), wish: Wish(cause, by: Wish.supervisor), evidence: answer)
    }
}
