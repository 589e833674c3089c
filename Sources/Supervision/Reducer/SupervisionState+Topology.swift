import Topology

/// What an apply changes.
extension SupervisionState {
    mutating func apply(_ definitions: [SupervisedService], actor: String) {
        guard !isShuttingDown else { return }
        let wish = Wish("the topology was applied", by: actor)
        let users = lastUsers()
        var previous = services
        services = []
        for definition in definitions {
            guard let old = previous.firstIndex(where: { $0.name == definition.name }) else {
                services.append(ServiceState(definition: definition, desired: definition.instances, wish: wish))
                continue
            }
            services.append(previous.remove(at: old))
        }
        for var gone in previous {
            gone.isRemoved = true
            gone.wish = Wish("it is not declared any more", by: actor)
            services.append(gone)
        }
        dirty = []
        for s in services.indices { services[s].isDirty = false }
        rebuildGraph()
        for (s, definition) in definitions.enumerated() { change(s, to: definition, wish: wish) }
        orderEnds(users)
        rebuildGraph()
        for s in services.indices where services[s].definition.kind == .server && !services[s].isRemoved { makeProvisioningDue(s) }
        isMemoryStale = true
        markAll()
    }

    // MARK: The order of ends

    /// By service: those that end before it does by what has been in force so far.
    private func lastUsers() -> [String: [String]] {
        var users: [String: [String]] = [:]
        for s in services.indices {
            users[services[s].name] = graph.stopsAfter[s].map { services[$0].name } + (services[s].isEnding ? services[s].endsAfter : [])
        }
        return users
    }

    /// What ends now ends after what used it so far. Several applies one after the other may have turned that round: then it has no order.
    mutating func orderEnds(_ users: [String: [String]]) {
        let places = Dictionary(services.indices.map { (services[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
        let edges = services.map { service in
            service.isEnding ? (users[service.name] ?? []).compactMap { places[$0] }.filter { services[$0].isEnding } : []
        }
        let rings = RingFinder.rings(edges)
        for s in services.indices {
            services[s].endsAfter = Set(edges[s].filter { rings[$0] != rings[s] }).sorted().map { services[$0].name }
        }
    }

    // MARK: One service

    private mutating func change(_ s: Int, to definition: SupervisedService, wish: Wish) {
        let old = services[s].definition
        let isOtherKind = !old.lifetime.isOfSameKind(as: definition.lifetime)
        let isOtherProcess = old.fingerprint != definition.fingerprint || old.isExternal != definition.isExternal || isOtherKind
        services[s].isRemoved = false
        services[s].wish = wish
        services[s].rolledBack = nil
        services[s].restartProblem = nil
        services[s].previous = fallback(s, definition, isOtherProcess: isOtherProcess)
        services[s].definition = definition
        if isOtherProcess { services[s].isProven = false }
        if old.instances != definition.instances {
            services[s].scaledByHand = nil
            setDesired(s, definition.instances, wish)
        }
        services[s].scaledByHand = services[s].scaledByHand.map { Self.clamp($0, definition) }
        // Nothing would ever change what a rule had made of it.
        if old.scale != nil && definition.scale == nil { setDesired(s, services[s].scaledByHand ?? definition.instances, wish) }
        setDesired(s, Self.clamp(services[s].desired, definition), wish)
        if old.scale != definition.scale {
            services[s].more = nil
            services[s].fewer = nil
        }
        if old.lifetime != definition.lifetime {
            // Its new times count from now on.
            services[s].runs.next = nil
            services[s].runs.isSuspended = true
        }
        if isOtherKind {
            services[s].runs = ScheduledRuns()
            services[s].isRunByHand = false
        }
        if isOtherProcess, services[s].isRunByHand, !services[s].isLive,
            services[s].instances.contains(where: { if case .failed = $0.phase { true } else { false } })
        {
            // Another declaration is tried again, but not where none is desired.
            services[s].isRunByHand = false
        }
        if old.foundation != definition.foundation || isOtherKind { services[s].isRecreating = true }
        if isOtherKind { for i in services[s].instances.indices { forgetWork(s, i) } }
        for i in services[s].instances.indices { change(s, i, from: old, isOtherProcess: isOtherProcess, wish) }
    }

    /// What an update goes back to: the declaration that works now, or, where one update follows another, the one before both.
    private func fallback(_ s: Int, _ definition: SupervisedService, isOtherProcess: Bool) -> SupervisedService? {
        let service = services[s]
        guard isOtherProcess else { return service.previous }
        guard definition.kind == .service, service.isContinuous, definition.lifetime == .continuous, !service.isHeld,
            service.definition.foundation == definition.foundation
        else { return nil }
        let worksNow =
            service.isProven
            && service.instances.contains { instance in
                guard case .up(let process, let health) = instance.phase else { return false }
                return health.hasBeenReady && process.fingerprint == service.definition.fingerprint
            }
        let fallback = worksNow ? service.definition : service.previous
        return fallback?.fingerprint == definition.fingerprint ? nil : fallback
    }

    /// What it has done, or was about to do, as one kind of service says nothing of it as another.
    private mutating func forgetWork(_ s: Int, _ i: Int) {
        services[s].instances[i].isRunDue = false
        services[s].instances[i].completedFingerprint = nil
        services[s].instances[i].replacement = nil
        guard services[s].instances[i].phase == .completed else { return }
        enter(.stopped, Position(s, i), cause: "its declaration has changed", actor: services[s].wish.actor)
    }

    private mutating func change(_ s: Int, _ i: Int, from old: SupervisedService, isOtherProcess: Bool, _ wish: Wish) {
        let definition = services[s].definition
        let p = Position(s, i)
        if let companion = services[s].instances[i].companion, companion.fingerprint != definition.fingerprint {
            retire(s, i, wish: wish)
        } else if services[s].instances[i].hasSuccessor && !definition.update.overlap {
            // The two must not run side by side any more.
            retire(s, i, wish: wish)
            services[s].instances[i].replacement = .init(wish: wish, isRestart: true)
        }
        if isOtherProcess { services[s].instances[i].main.trialUntil = nil }
        let isOfPrevious = services[s].previous.map { $0.fingerprint == services[s].instances[i].main.fingerprint } ?? false
        services[s].instances[i].keepsPrevious = isOfPrevious && services[s].instances[i].phase.isLive
        switch services[s].instances[i].phase {
        case .up(let process, _) where process.fingerprint != definition.fingerprint || old.isExternal != definition.isExternal:
            // The run of a one-shot is finished as it was begun.
            guard services[s].isContinuous, !services[s].instances[i].hasSuccessor else { break }
            services[s].instances[i].replacement = .init(wish: Wish("its declaration has changed", by: wish.actor), isRestart: false)
        case .up(let process, let health):
            if services[s].instances[i].replacement?.isRestart == false { services[s].instances[i].replacement = nil }
            if services[s].previous != nil && isOtherProcess && !health.isReady {
                services[s].instances[i].main.trialUntil = now + definition.update.readyWithin
            }
            if probesDiffer(old, definition) && !isOtherProcess { restartProbes(p, process, health) }
        case .failed where isOtherProcess, .backoff where isOtherProcess, .completed where isOtherProcess && services[s].isContinuous:
            services[s].instances[i].main.history = RestartHistory()
            enter(.stopped, p, cause: "its declaration has changed", actor: wish.actor)
        case .completed where services[s].schedule != nil, .scheduled where services[s].schedule == nil:
            enter(.stopped, p, cause: "its declaration has changed", actor: wish.actor)
        default:
            break
        }
    }

    private func probesDiffer(_ old: SupervisedService, _ new: SupervisedService) -> Bool {
        SupervisedProbe.Purpose.allCases.contains { old.probe(for: $0) != new.probe(for: $0) }
    }

    /// Asks by the new rules from now on. What was ready stays so until a probe says otherwise.
    private mutating func restartProbes(_ p: Position, _ process: RunningProcess, _ old: ProcessHealth) {
        let definition = services[p.service].definition
        let isStarted = old.isStarted || definition.startup == nil
        let saysReady = old.hasSaidReady && definition.readiness?.check == .declared(.notify)
        let isReady = isStarted && (old.isReady || definition.readiness == nil || saysReady)
        var health = ProcessHealth(isStarted: isStarted, isReady: old.isReady)
        health.hasBeenReady = old.hasBeenReady
        health.watchdogUntil = old.watchdogUntil
        health.hasSaidReady = old.hasSaidReady
        effects.append(.stopProbes(id(p)))
        setPhase(.up(process, health), p)
        startProbes(p, process, Self.purposes(isStarted: isStarted))
        if isReady && !old.isReady { becomeReady(p, process, health, cause: "its probes have changed") }
        markDirty(p.service)
    }
}
