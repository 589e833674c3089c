import Topology

extension SupervisionState {
    /// More rounds than any chain of consequences of one event is long; a bound, so that a mistake here cannot hang the supervisor.
    private static let maximumRounds = 10_000

    /// Makes every step that is possible now, until none is left.
    mutating func settle() {
        for _ in 0..<Self.maximumRounds {
            isUnsettled = false
            for s in services.indices { settleService(s) }
            if isShuttingDown { breakShutdownCycle() }
            guard isUnsettled else { break }
        }
        services.removeAll { $0.isRemoved && $0.instances.isEmpty }
        publishUpstreams()
        rememberWishes()
        for s in services.indices where !services[s].hasBeenReady && Self.isServiceReady(services[s]) { services[s].hasBeenReady = true }
        if !hasBeenReady && !isShuttingDown && isAllReady { hasBeenReady = true }
        if isShuttingDown && !isFinished && !services.contains(where: \.isLive) {
            isFinished = true
            effects.append(.finish)
        }
    }

    private mutating func settleService(_ s: Int) {
        if !isShuttingDown && !services[s].isRemoved {
            var number = 1
            while number <= services[s].desired {
                if services[s].index(of: number) == nil {
                    let position = services[s].instances.firstIndex { $0.number > number } ?? services[s].instances.endIndex
                    services[s].instances.insert(Instance(number: number), at: position)
                    isUnsettled = true
                }
                number += 1
            }
        }
        if services[s].isRecreating && !services[s].isLive {
            services[s].isRecreating = false
            isUnsettled = true
        }
        let mayStop = isShuttingDown && !hasLiveUsers(s)
        for i in services[s].instances.indices {
            services[s].instances[i].intent = intent(s, i, mayStop: mayStop)
            settleInstance(s, i)
        }
        let count = services[s].instances.count
        services[s].instances.removeAll { $0.intent == .remove && !$0.phase.isLive }
        if services[s].instances.count != count { isUnsettled = true }
        settleProvisioning(s)
        settleReplacements(s)
    }

    private func intent(_ s: Int, _ i: Int, mayStop: Bool) -> Instance.Intent {
        let service = services[s]
        if isShuttingDown {
            return mayStop || !service.instances[i].phase.isLive ? .stop : service.instances[i].intent
        }
        if service.isRemoved || service.instances[i].number > service.desired { return .remove }
        return service.isHeld ? .stop : .run
    }

    /// Why something that nobody asked of this instance in particular happens to it.
    func wish(_ s: Int) -> Wish { isShuttingDown ? shutdownWish : services[s].wish }

    private mutating func settleInstance(_ s: Int, _ i: Int) {
        let instance = services[s].instances[i]
        let isWanted = instance.intent == .run && !isShuttingDown && !services[s].isRecreating
        switch instance.phase {
        case .waiting(let missing):
            guard isWanted else { return enter(.stopped, s, i, cause: wish(s).cause, actor: wish(s).actor) }
            let unsatisfied = unsatisfiedDependencies(of: services[s].definition)
            if unsatisfied.isEmpty {
                spawn(s, i, cause: "what it waited for is ready", evidence: missing.joined(separator: ", "), actor: Wish.supervisor)
            } else if unsatisfied != missing {
                services[s].instances[i].phase = .waiting(for: unsatisfied)
            }
        case .stopped:
            if isWanted { begin(s, i, cause: wish(s).cause, actor: wish(s).actor) }
        case .backoff(let until):
            if !isWanted {
                enter(.stopped, s, i, cause: wish(s).cause, actor: wish(s).actor)
            } else if until <= now {
                begin(s, i, cause: "its time to wait before a restart is over", actor: Wish.supervisor)
            }
        case .up:
            if instance.intent != .run || services[s].isRecreating { endProcess(s, i, because: .asked, wish: wish(s)) }
        case .draining(let process, let until):
            if until <= now { signalStop(s, i, process, wish: Wish("it has been drained", by: Wish.supervisor)) }
        case .stopping(let process, let deadline, _):
            if deadline <= now {
                effects.append(.killAll(id(s, i)))
                enter(
                    .stopping(process, deadline: now + Self.killInterval, isKilled: true), s, i,
                    cause: "it did not end within its grace")
            }
        case .spawning, .failed, .completed:
            break
        }
    }

    /// Starts the instance's next process, or has it wait for what it depends on.
    mutating func begin(_ s: Int, _ i: Int, cause: String, evidence: String? = nil, actor: String) {
        let missing = unsatisfiedDependencies(of: services[s].definition)
        if missing.isEmpty {
            spawn(s, i, cause: cause, evidence: evidence, actor: actor)
        } else {
            enter(.waiting(for: missing), s, i, cause: cause, evidence: evidence, actor: actor)
        }
    }

    private mutating func spawn(_ s: Int, _ i: Int, cause: String, evidence: String?, actor: String) {
        services[s].instances[i].replacement = nil
        enter(.spawning(.init()), s, i, cause: cause, evidence: evidence, actor: actor)
        effects.append(.spawn(id(s, i)))
    }

    /// Ends the instance's process, by way of the gateway where it takes requests.
    mutating func endProcess(_ s: Int, _ i: Int, because endCause: Instance.EndCause, wish: Wish, evidence: String? = nil) {
        guard case .up(let process, let health) = services[s].instances[i].phase else { return }
        services[s].instances[i].endCause = endCause
        effects.append(.stopProbes(id(s, i)))
        if process.pid == nil {
            enter(.stopped, s, i, cause: wish.cause, evidence: evidence, actor: wish.actor)
        } else if services[s].definition.takesRequests && health.isReady {
            enter(.draining(process, until: now + Self.drainNotice), s, i, cause: wish.cause, evidence: evidence, actor: wish.actor)
        } else {
            signalStop(s, i, process, wish: wish, evidence: evidence)
        }
    }

    private mutating func signalStop(_ s: Int, _ i: Int, _ process: RunningProcess, wish: Wish, evidence: String? = nil) {
        let stop = services[s].definition.stop
        effects.append(.signal(id(s, i), SignalName.number(of: stop.signal) ?? 15))
        enter(
            .stopping(process, deadline: now + stop.grace, isKilled: false), s, i, cause: wish.cause, evidence: evidence, actor: wish.actor)
    }

    // MARK: Dependencies

    /// The names of what is not yet as `service` needs it.
    func unsatisfiedDependencies(of service: SupervisedService) -> [String] {
        service.dependencies.filter { !isSatisfied($0) }.map(\.name)
    }

    private func isSatisfied(_ dependency: Dependency) -> Bool {
        // A validated file names only what is there; whatever else is named must not wedge anything.
        guard let service = service(named: dependency.name) else { return true }
        return switch dependency.condition {
        case .started: service.instances.contains { if case .up = $0.phase { true } else { $0.phase == .completed } }
        case .ready: service.provisioning == .done && service.instances.contains { $0.phase.isReady }
        case .completed:
            service.instances.count >= service.desired && service.desired > 0
                && service.instances.allSatisfy { $0.phase == .completed }
        }
    }

    // MARK: Shutdown

    /// Something that needs this service, or passes requests to it, is still there.
    private func hasLiveUsers(_ s: Int) -> Bool {
        let name = services[s].name
        return services.indices.contains { other in
            guard other != s, services[other].isLive else { return false }
            let definition = services[other].definition
            return definition.dependencies.contains { $0.name == name } || definition.fronts.contains(name)
        }
    }

    /// Where services use each other in a ring, none would ever be the first to stop: then all stop at once.
    private mutating func breakShutdownCycle() {
        let live = services.indices.filter { services[$0].isLive }
        let isStuck = !live.isEmpty && live.allSatisfy { s in services[s].instances.allSatisfy { $0.intent == .run || !$0.phase.isLive } }
        guard isStuck, live.allSatisfy(hasLiveUsers) else { return }
        for s in live {
            for i in services[s].instances.indices where services[s].instances[i].phase.isLive {
                services[s].instances[i].intent = .stop
                settleInstance(s, i)
            }
        }
    }

    // MARK: Consequences

    private mutating func publishUpstreams() {
        var upstreams: [String: [GatewayConfiguration.Upstream]] = [:]
        for service in services where service.definition.takesRequests {
            upstreams[service.name] = service.instances.compactMap { instance in
                guard let port = instance.phase.process?.port else { return nil }
                let state: GatewayConfiguration.Upstream.State
                switch instance.phase {
                case .up(_, let health) where health.isReady: state = .ready
                case .draining, .stopping: state = .draining
                default: return nil
                }
                return GatewayConfiguration.Upstream(instance: instance.number, host: "127.0.0.1", port: port, state: state)
            }
        }
        guard upstreams != publishedUpstreams else { return }
        publishedUpstreams = upstreams
        // Before anything that follows from it: whoever drains must have been announced first.
        effects.insert(.publishGatewayConfiguration(upstreams), at: 0)
    }

    private mutating func rememberWishes() {
        var wishes = SupervisionEvent.Remembered()
        for service in services where !service.isRemoved {
            wishes.scaledByHand[service.name] = service.scaledByHand
            if service.isHeld && !isShuttingDown { wishes.held.insert(service.name) }
        }
        guard wishes != remembered else { return }
        remembered = wishes
        effects.append(.remember(wishes))
    }
}
