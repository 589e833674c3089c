import Supervision
import Topology

/// What must hold after each event.
extension Simulation {
    /// Starts of one instance within ten seconds, persons' wishes and all: more is a storm.
    private static let maximumStarts = 60

    mutating func checkSpawn(_ id: InstanceID, _ fingerprint: String) {
        if processes[id] != nil { fail("\(id) is started while it runs") }
        if requests[id] != nil { fail("\(id) is started while it is being started") }
        let other = InstanceID(id.service, id.number, id.slot.other)
        if processes[other] != nil || requests[other] != nil { checkOverlap(id, other) }
        if state.isShuttingDown { fail("\(id) is started during a shutdown") }
        if held.contains(id.service) { fail("\(id) is started though \(id.service) was stopped") }
        guard declared.contains(where: { $0.name == id.service }) else { return fail("\(id) is started and is not declared") }
        guard let service = state.service(named: id.service) else { return fail("\(id) is started and is not known") }
        if fingerprint != service.definition.fingerprint && fingerprint != service.previous?.fingerprint {
            fail("\(id) is started from \(fingerprint), which is not in force")
        }
        for dependency in service.definition.dependencies where !holds(dependency) && !needs(dependency.name, id.service) {
            fail("\(id) is started before \(dependency.name) is \(dependency.condition)")
        }
        told[id.service, default: [:]][id.number] = nil
        spawnsOf[id.service, default: 0] += 1
        let bucket = now.components.seconds / 10
        var count = spawnCounts[id] ?? (bucket, 0)
        count = count.bucket == bucket ? (bucket, count.count + 1) : (bucket, 1)
        spawnCounts[id] = count
        if count.count > Self.maximumStarts { fail("\(id) is started \(count.count) times within ten seconds") }
    }

    private mutating func checkOverlap(_ id: InstanceID, _ other: InstanceID) {
        guard let inForce = state.service(named: id.service)?.definition, inForce.update.overlap, inForce.kind == .service,
            inForce.lifetime == .continuous
        else { return fail("\(id) is started beside \(other), and must never run twice") }
        guard let instance = state.service(named: id.service)?.instances.first(where: { $0.number == id.number }),
            instance.companion != nil
        else { return fail("\(id) is started beside \(other), which is not known") }
    }

    /// Whether one needs the other, by way of others or not.
    func needs(_ name: String, _ other: String, orFronts: Bool = false) -> Bool {
        var seen: Set<String> = []
        var open = [name]
        while let next = open.popLast() {
            if next == other { return true }
            guard seen.insert(next).inserted, let service = state.service(named: next) else { continue }
            open += service.definition.dependencies.map(\.name)
            if orFronts { open += service.definition.fronts }
        }
        return false
    }

    private func holds(_ dependency: Dependency) -> Bool {
        guard let service = state.service(named: dependency.name), !service.isRemoved else { return true }
        if service.definition.isExternal {
            return dependency.condition == .ready ? service.readyCount > 0 : service.instances.contains { $0.phase.process != nil }
        }
        let live = processes.filter { $0.key.service == dependency.name }
        switch (service.definition.lifetime, dependency.condition) {
        case (.scheduled, .completed): return service.runs.hasCompleted
        case (.scheduled, _): return true
        case (.continuous, .ready):
            return service.provisioning == .done && live.contains { $0.value.isToldReady || service.definition.readiness == nil }
        case (_, .started):
            let isOnce = service.definition.lifetime == .once
            let started = live.contains { !isOnce || $0.value.fingerprint == service.definition.fingerprint }
            return started || service.instances.contains { $0.phase == .completed }
        case (.once, _), (_, .completed):
            if !service.definition.restart.exceptions.isEmpty {
                return service.wanted > 0
                    && service.instances.allSatisfy { instance in
                        instance.phase == .completed
                            && (service.definition.lifetime != .once || instance.completedFingerprint == service.definition.fingerprint)
                    }
            }
            return service.wanted > 0 && service.instances.allSatisfy { $0.phase == .completed }
                && (1...service.wanted).allSatisfy { number in
                    guard let fingerprint = told[dependency.name]?[number] else { return false }
                    return service.definition.lifetime != .once || fingerprint == service.definition.fingerprint
                }
        }
    }

    mutating func check(after event: SupervisionEvent) {
        if let deadline = state.nextDeadline, deadline <= now - origin, !state.isFinished {
            fail("the next deadline has passed already: after \(event) at \(now - origin)")
        }
        if events & 255 == 0 && !state.services.isEmpty { checkKnowledge() }
    }

    /// The reducer knows of all that runs, and of nothing else.
    private mutating func checkKnowledge() {
        for id in processes.keys.sorted() where !isLive(id) { fail("\(id) runs, and is not known") }
        for service in state.services where !service.definition.isExternal {
            for (id, process) in service.processes where processes[id]?.pid != process.pid && ended[id] == nil {
                fail("\(id) is taken for running, and is not")
            }
        }
    }

    private func isLive(_ id: InstanceID) -> Bool {
        guard let instance = state.service(named: id.service)?.instances.first(where: { $0.number == id.number }) else { return false }
        if instance.main.slot == id.slot { return instance.main.phase.isLive }
        return instance.companion?.phase.isLive ?? false
    }

    // MARK: At rest

    /// What is not as it should be when nothing goes wrong any more; nil: all is settled.
    func unsettled() -> String? {
        for service in state.services {
            if let problem = unsettled(service) { return "\(service.name): \(problem)" }
        }
        return nil
    }

    private func unsettled(_ service: ServiceState) -> String? {
        if service.isRemoved { return "it is not declared, and still there" }
        if service.isHeld || service.wanted == 0 { return service.isLive ? "it is still running" : nil }
        if case .scheduled = service.definition.lifetime { return unsettledSchedule(service) }
        if service.definition.kind == .server, service.readyCount > 0, service.provisioning != .done { return "it is not prepared" }
        if service.instances.count != service.wanted { return "it has \(service.instances.count) of \(service.wanted) instances" }
        let isBlocked = isBlocked(service)
        for instance in service.instances {
            if let problem = unsettled(instance, service) { return "\(instance.number) \(problem)" }
            if instance.replacement != nil && !isBlocked { return "\(instance.number) is still to be replaced" }
        }
        if service.previous != nil && !isBlocked { return "its update is not over" }
        return nil
    }

    private func unsettledSchedule(_ service: ServiceState) -> String? {
        if service.desired > 0 {
            guard let next = service.runs.next else { return "it has no next run" }
            if next < timeOfDay - 2 { return "its time has passed" }
        }
        if service.runs.waiting != nil, !service.isLive, !isBlocked(service) { return "a run waits for nothing" }
        for instance in service.instances {
            guard case .waiting(let missing) = instance.phase else { continue }
            let isExcused = missing.contains { name in state.service(named: name).map { isBlocked($0) || !isWhole($0) } ?? false }
            if !isExcused { return "\(instance.number) waits for \(missing)" }
        }
        return nil
    }

    private func unsettled(_ instance: Instance, _ service: ServiceState) -> String? {
        if instance.companion != nil {
            // It waits with its trial for what it needs.
            return isBlocked(service) && instance.hasSuccessor ? nil : "is still being replaced"
        }
        if isUnable(instance.main.fingerprint) {
            let isLeftAlone = instance.main.fingerprint == service.definition.fingerprint && instance.main.trialUntil == nil
            if isLeftAlone || isKeptWaiting(service) { return nil }
        }
        switch instance.phase {
        case .failed(let reason): return reason.isEmpty ? "has failed without a reason" : nil
        case .completed:
            let isOther = service.definition.lifetime == .once && instance.completedFingerprint != service.definition.fingerprint
            return isOther && instance.number <= service.desired ? "has not done what is declared now" : nil
        case .up(_, let health):
            if service.definition.lifetime == .once { return "is at work" }
            return health.isReady ? nil : "is not ready"
        case .waiting(let missing):
            let isExcused = missing.contains { name in state.service(named: name).map { isBlocked($0) || !isWhole($0) } ?? false }
            return isExcused ? nil : "waits for \(missing)"
        default: return "is \(instance.phase.label)"
        }
    }

    /// It cannot go on for a reason that only a person can do away with.
    private func isBlocked(_ service: ServiceState, depth: Int = 0) -> Bool {
        if depth > state.services.count { return false }
        if service.isHeld || service.wanted == 0 { return true }
        if service.instances.contains(where: { instance in
            switch instance.phase {
            case .failed, .waiting: true
            case .completed:
                service.definition.lifetime == .continuous
                    || service.definition.lifetime == .once && instance.completedFingerprint != service.definition.fingerprint
            default: isUnable(instance.main.fingerprint)
            }
        }) {
            return true
        }
        return isKeptWaiting(service, depth: depth)
    }

    /// What it needs is not there, and will not be without a person.
    private func isKeptWaiting(_ service: ServiceState, depth: Int = 0) -> Bool {
        return service.definition.dependencies.contains { dependency in
            !holds(dependency) && !needs(dependency.name, service.name)
                && state.service(named: dependency.name).map { isBlocked($0, depth: depth + 1) } ?? false
        }
    }

    func isUnable(_ service: ServiceState) -> Bool {
        isUnable(service.definition.fingerprint) || service.instances.contains { isUnable($0.main.fingerprint) }
    }

    func isUnable(_ fingerprint: String) -> Bool {
        maker.behaviours[fingerprint] == .neverReady || maker.behaviours[fingerprint] == .crashes
    }

    private func isWhole(_ service: ServiceState) -> Bool { service.readyCount >= service.desired }
}

/// Runs that wait, and servers' data.
extension Simulation {
    /// What waits is kept, unless the supervisor was killed while it carried out what had just come up.
    mutating func checkMemoryOfRuns() {
        guard !isCrashArmed, !isShutdownAsked else { return }
        for service in state.services where !service.isRemoved && service.runs.waiting != nil && memory.runsWaiting[service.name] == nil {
            fail("the run of \(service.name) that waits is not kept")
        }
    }

    /// What was kept by another supervisor is gone on with.
    mutating func checkRunsAreKept() {
        guard !isShutdownAsked else { return }
        for name in Set(memory.runsWaiting.keys).union(memory.runsDue.keys).sorted() {
            guard let service = state.service(named: name), case .scheduled = service.definition.lifetime, !service.isHeld,
                service.wanted > 0
            else { continue }
            let isUnderWay =
                service.isLive || service.runs.waiting != nil
                || service.instances.contains { instance in
                    switch instance.phase {
                    case .waiting, .backoff, .failed: true
                    default: instance.isRunDue
                    }
                }
            if !isUnderWay && !foundEnds.contains(name) { fail("a run of \(name) is forgotten by another supervisor") }
        }
    }

    /// A server is never killed that has not been asked to end, or has not had its time for it.
    mutating func checkGrace(_ id: InstanceID, _ process: SimulatedProcess) {
        guard isShutdownAsked, !process.isMainGone, state.service(named: id.service)?.definition.kind == .server else { return }
        guard let signalledAt = process.signalledAt else { return fail("\(id) is killed without having been asked to end") }
        if now - signalledAt < WorldMaker.serverGrace { fail("\(id) is killed within its grace") }
    }
}
