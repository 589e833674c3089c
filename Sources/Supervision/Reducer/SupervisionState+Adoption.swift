import Topology

/// How a supervisor takes over what an earlier one has left.
extension SupervisionState {
    mutating func start(
        _ definitions: [SupervisedService], _ previous: [String: SupervisedService], _ memory: Remembered, _ found: [FoundProcess]
    ) {
        guard services.isEmpty else { return }
        remembered = memory
        for definition in definitions { services.append(takenUp(definition, previous[definition.name], memory, found)) }
        graph = ServiceGraph(services.map(\.definition))
        var undeclared: [String] = []
        for process in found where graph.index[process.id.service] == nil && !undeclared.contains(process.id.service) {
            guard case .running = process.condition else { continue }
            undeclared.append(process.id.service)
        }
        for name in undeclared.sorted() { services.append(Self.undeclared(name)) }
        rebuildGraph()
        discontent = services.count
        for s in services.indices { restore(s, memory) }
        adopt(found)
        for s in services.indices { restoreRun(s, memory, found) }
        orderEnds(
            Dictionary(
                services.indices.map { s in (services[s].name, graph.stopsAfter[s].map { services[$0].name }) },
                uniquingKeysWith: { first, _ in first }))
        rebuildGraph()
        arePublishedUpstreamsStale = services.contains { $0.definition.takesRequests }
        markAll()
    }

    private func takenUp(
        _ declared: SupervisedService, _ previous: SupervisedService?, _ memory: Remembered, _ found: [FoundProcess]
    ) -> ServiceState {
        let name = declared.name
        var definition = declared
        var rolledBack: Remembered.RolledBack?
        if let refused = memory.rolledBack[name], refused.fingerprint == declared.fingerprint, let previous {
            definition = previous
            rolledBack = refused
        }
        let byHand = definition.kind == .service ? memory.scaledByHand[name].map { Self.clamp($0, definition) } : nil
        let byRule = definition.scale == nil ? nil : memory.scaledByRule[name].map { Self.clamp($0, definition) }
        var service = ServiceState(
            definition: definition, desired: byRule ?? byHand ?? definition.instances, wish: Wish("it is declared", by: Wish.supervisor))
        service.scaledByHand = byHand
        service.rolledBack = rolledBack
        service.isProven = rolledBack != nil
        service.isHeld = memory.held.contains(name)
        service.runs.last = memory.lastRuns[name]
        service.runs.waiting = memory.runsWaiting[name]
        service.isRunByHand = memory.runsByHand.contains(name) && !service.isContinuous && !service.isHeld
        if service.isHeld { service.wish = Wish("stop", by: "a person, before the supervisor was started again") }
        if rolledBack == nil, let previous, previous.fingerprint != definition.fingerprint, service.isContinuous, !service.isHeld {
            let isRunning = found.contains { process in
                guard process.id.service == name, case .running(let running, _) = process.condition else { return false }
                return running.fingerprint == previous.fingerprint
            }
            if memory.updating[name] == previous.fingerprint || isRunning { service.previous = previous }
        }
        return service
    }

    /// Known only for being ended: with the rules that anything without a declaration has.
    private static func undeclared(_ name: String) -> ServiceState {
        let definition = SupervisedService(name: name, instances: 0)
        var service = ServiceState(definition: definition, desired: 0, wish: Wish("it is not declared any more", by: Wish.supervisor))
        service.isRemoved = true
        service.provisioning = .done
        return service
    }

    /// What had failed or was done stays so, and what was waiting for its next attempt waits on.
    private mutating func restore(_ s: Int, _ memory: Remembered) {
        guard services[s].wanted > 0 else { return }
        let definition = services[s].definition
        for number in 1...services[s].wanted {
            var instance = Instance(number: number)
            let key = "\(services[s].name)/\(number)"
            if let restarts = memory.restarts[key] { restore(&instance, restarts, definition.restart) }
            if let failure = memory.failed[key], failure.fingerprint == definition.fingerprint {
                instance.main.phase = .failed(failure.reason)
            } else if let fingerprint = memory.completed[key], services[s].schedule == nil {
                instance.completedFingerprint = fingerprint
                // What was run by hand is run again by hand only.
                if fingerprint == definition.fingerprint || number > services[s].desired { instance.main.phase = .completed }
            }
            services[s].instances.append(instance)
        }
    }

    private func restore(_ instance: inout Instance, _ restarts: Remembered.Restarts, _ rules: RestartRules) {
        guard let clockOrigin else { return }
        let recent = restarts.times.map { Duration.seconds($0 - clockOrigin) }.filter { $0 <= now }
        if let last = recent.last, now - last < rules.limitWindow + rules.maximumBackoff {
            instance.main.history = RestartHistory(recent: recent, inARow: restarts.inARow)
        }
        guard let until = restarts.until.map({ Duration.seconds($0 - clockOrigin) }), until > now else { return }
        // A clock that was set must not make it wait for ever.
        instance.main.phase = .backoff(until: min(until, now + rules.maximumBackoff * (1 + RestartHistory.jitter)))
    }

    /// A run that was to begin, and of which nothing has come yet.
    private mutating func restoreRun(_ s: Int, _ memory: Remembered, _ found: [FoundProcess]) {
        let name = services[s].name
        guard services[s].schedule != nil, let time = memory.runsDue[name], !services[s].isHeld,
            !found.contains(where: { $0.id.service == name })
        else { return }
        services[s].runs.current = time
        for i in services[s].instances.indices where services[s].instances[i].number <= services[s].wanted {
            if services[s].instances[i].phase == .stopped { services[s].instances[i].isRunDue = true }
        }
    }

    // MARK: Processes

    private mutating func adopt(_ found: [FoundProcess]) {
        let sorted = found.sorted { ($0.startedAt, $0.id) < ($1.startedAt, $1.id) }
        for process in sorted {
            guard case .running(let running, let isReady) = process.condition, let s = index(of: process.id.service) else { continue }
            if let foundation = running.foundation, foundation != services[s].definition.foundation { services[s].isRecreating = true }
            adopt(process.id, running, isReady: isReady, s)
        }
        for process in sorted {
            guard case .ended(let termination, let fingerprint) = process.condition else { continue }
            effects.append(.forget(process.id))
            let before = effects.count
            adoptEnd(process.id, termination, fingerprint)
            if process.isEndTold { untell("\(termination)", from: before) }
        }
    }

    /// The oldest first: the second one of an instance was to take the place of the first, unless its declaration is not in force, or the two
    /// must not run side by side any more.
    private mutating func adopt(_ id: InstanceID, _ running: SpawnedProcess, isReady: Bool, _ s: Int) {
        let i = ensureInstance(s, id.number)
        let cause = "it was found running"
        let evidence = running.pid.map { "pid \($0)" }
        guard services[s].instances[i].phase.isLive else {
            services[s].instances[i].main = services[s].instances[i].main.moved(to: id.slot)
            services[s].instances[i].keepsPrevious = services[s].previous?.fingerprint == running.fingerprint
            if !services[s].instances[i].keepsPrevious && services[s].previous != nil && !isReady {
                services[s].instances[i].main.trialUntil = now + services[s].definition.update.readyWithin
            }
            rise(Position(s, i), running, isReady: isReady, cause: cause, evidence: evidence)
            if running.isReadyNotified { notifiedReady(id) }
            if let pid = running.pid, remembered.replacing["\(services[s].name)/\(id.number)"] == pid {
                services[s].instances[i].replacement = .init(
                    wish: Wish("restart", by: "a person, before the supervisor was started again"), isRestart: true)
            }
            return
        }
        guard services[s].instances[i].companion == nil, services[s].instances[i].main.slot != id.slot else { return }
        let definition = services[s].definition
        let isRefused =
            !definition.update.overlap
            || running.fingerprint != definition.fingerprint && services[s].instances[i].main.fingerprint == definition.fingerprint
        var second = Occupant(slot: id.slot)
        second.fingerprint = running.fingerprint
        if !isRefused { second.trialUntil = now + definition.update.readyWithin }
        services[s].instances[i].companion = second
        services[s].instances[i].role = isRefused ? .leaving : .successor
        if !isRefused { services[s].instances[i].replacement = nil }
        rise(Position(s, i, .companion), running, isReady: isReady && !isRefused, cause: cause, evidence: evidence)
        if running.isReadyNotified && !isRefused { notifiedReady(id) }
    }

    /// What is in the audit log already is not to be told again.
    private mutating func untell(_ evidence: String, from begin: Int) {
        let new = effects[begin...].filter { effect in
            if case .record(let transition) = effect { transition.evidence != evidence } else { true }
        }
        effects.replaceSubrange(begin..., with: new)
    }

    private mutating func adoptEnd(_ id: InstanceID, _ termination: Termination, _ fingerprint: String?) {
        guard let s = index(of: id.service), !services[s].isRemoved else { return }
        let i = ensureInstance(s, id.number)
        // Whatever else is known of it is what came of this end.
        guard services[s].instances[i].phase == .stopped, services[s].instances[i].companion == nil else { return }
        services[s].instances[i].lastExit = termination
        services[s].instances[i].main = services[s].instances[i].main.moved(to: id.slot)
        services[s].instances[i].main.fingerprint = fingerprint ?? services[s].definition.fingerprint
        if services[s].schedule != nil { runBegan(s, at: timeOfDay ?? 0) }
        services[s].instances[i].intent = services[s].isHeld || id.number > services[s].wanted ? .stop : .run
        endedByItself(Position(s, i), termination, upFor: .zero)
    }

    private mutating func ensureInstance(_ s: Int, _ number: Int) -> Int {
        if let i = services[s].index(of: number) { return i }
        let i = services[s].instances.firstIndex { $0.number > number } ?? services[s].instances.endIndex
        services[s].instances.insert(Instance(number: number), at: i)
        return i
    }
}

extension Occupant {
    /// The same history in the slot where its process was found.
    fileprivate func moved(to slot: InstanceID.Slot) -> Occupant {
        var occupant = Occupant(slot: slot)
        occupant.history = history
        return occupant
    }
}

extension FoundProcess {
    fileprivate var startedAt: Double {
        if case .running(let process, _) = condition { process.startedAt } else { 0 }
    }
}
