import Supervision
import Topology

/// What can be foretold exactly when all is at rest.
extension Simulation {
    mutating func experiment() throws(Violation) {
        while !isUp { try step() }
        // Whatever waits for something that may come and go would be gone on with meanwhile.
        let isPending = state.services.contains { service in
            if service.previous != nil { return true }
            return service.isHeld
                ? false
                : service.instances.contains { instance in
                    instance.replacement != nil || instance.companion != nil
                        || service.definition.lifetime == .continuous
                            && instance.phase.process.map { $0.fingerprint != service.definition.fingerprint } ?? false
                }
        }
        if isPending { return }
        let before = pids()
        spawnsOf = [:]
        switch Int.random(in: 0..<11, using: &random) {
        case 0: try replaceSupervisor(before)
        case 1: try applyTheSame(before)
        case 2: try update(before, isGood: true)
        case 3: try update(before, isGood: false)
        case 4: try restart(before)
        case 5: try scale(before)
        case 6: try watchSchedule()
        case 7: try renewAll()
        case 8: try removeWithUsers()
        case 9: try migrateAndUpdate()
        default: try stopAndStart()
        }
    }

    /// Of what runs until it is stopped.
    private func pids() -> [InstanceID: Int] {
        processes.filter { id, _ in state.service(named: id.service)?.definition.lifetime == .continuous }.mapValues(\.pid)
    }

    private func labels(of names: Set<String>) -> [String] {
        state.services.flatMap { service in
            names.contains(service.name) && (service.definition.lifetime == .continuous || service.definition.lifetime == .once)
                ? service.instances.map { "\(service.name)/\($0.number) \($0.phase.label)" } : []
        }
    }

    /// A service all of whose instances are ready and run what is declared, and that has all it needs.
    private mutating func wholeService() -> ServiceState? {
        state.services.filter { service in
            service.definition.kind == .service && service.definition.lifetime == .continuous && !service.isHeld && !service.isRemoved
                && service.desired > 0 && service.readyCount == service.desired && service.previous == nil && service.rolledBack == nil
                && service.instances.allSatisfy { $0.phase.process?.fingerprint == service.definition.fingerprint && $0.replacement == nil }
                && maker.behaviours[service.definition.fingerprint] == .good
                && service.definition.dependencies.allSatisfy { isThere($0) }
        }.randomElement(using: &random)
    }

    private func isThere(_ dependency: Dependency) -> Bool {
        guard let service = state.service(named: dependency.name) else { return true }
        if isUnable(service) { return false }
        return switch service.definition.lifetime {
        case .continuous: service.readyCount > 0
        case .once:
            service.wanted > 0
                && service.instances.allSatisfy {
                    $0.phase == .completed && $0.completedFingerprint == service.definition.fingerprint
                }
        case .scheduled: dependency.condition != .completed || service.runs.hasCompleted
        }
    }

    private mutating func expectSame(_ before: [InstanceID: Int], except name: String = "", _ what: String) {
        for (id, pid) in before.sorted(by: { $0.key < $1.key }) where id.service != name && processes[id]?.pid != pid {
            // One that comes up never, or ends again and again, goes on doing so.
            if state.service(named: id.service).map(isUnable) ?? false { continue }
            fail("\(what) has touched \(id)")
        }
    }

    // MARK: The experiments

    private mutating func replaceSupervisor(_ before: [InstanceID: Int]) throws(Violation) {
        let services = Set(state.services.filter { !$0.isHeld && !isUnable($0) }.map(\.name))
        let labels = labels(of: services)
        // What is being replaced would be gone on with.
        guard state.services.allSatisfy({ $0.previous == nil && $0.instances.allSatisfy { $0.replacement == nil && $0.companion == nil } })
        else { return }
        crash()
        while !isUp { try step() }
        try settle()
        try pass(.seconds(5))
        expectSame(before, "another supervisor")
        let seen = self.labels(of: services)
        if seen != labels { fail("another supervisor sees \(seen), the one before saw \(labels)") }
        for service in state.services where service.definition.lifetime == .continuous || service.definition.lifetime == .once {
            if let count = spawnsOf[service.name], !service.definition.isExternal,
                !isUnable(service)
            {
                fail("another supervisor has started \(service.name) \(count) times")
            }
        }
        try verify()
    }

    private mutating func applyTheSame(_ before: [InstanceID: Int]) throws(Violation) {
        guard state.services.allSatisfy({ $0.previous == nil && $0.rolledBack == nil && $0.instances.allSatisfy { $0.replacement == nil } })
        else { return }
        apply(declared)
        try settle()
        expectSame(before, "an apply that changes nothing")
        try verify()
    }

    private mutating func update(_ before: [InstanceID: Int], isGood: Bool) throws(Violation) {
        guard let service = wholeService(), let place = declared.firstIndex(where: { $0.name == service.name }),
            declared[place].fingerprint == service.definition.fingerprint, declared[place].foundation == service.definition.foundation,
            declared[place].lifetime == .continuous, state.services.allSatisfy({ $0.rolledBack == nil && $0.previous == nil })
        else { return }
        let bad: [Behaviour] = service.definition.readiness == nil ? [.cannotStart] : [.neverReady, .crashes, .cannotStart]
        let next = maker.fingerprint(isGood ? .good : bad.randomElement(using: &random) ?? .cannotStart)
        var services = declared
        services[place].fingerprint = next
        let overlaps = services[place].update.overlap
        apply(services)
        leastReady = service.name
        leastReadyCount = service.desired
        try settle()
        leastReady = nil
        expectSame(before, except: service.name, "an update of \(service.name)")
        guard let after = state.service(named: service.name) else { return fail("\(service.name) is gone") }
        if after.readyCount != after.desired { fail("\(service.name) is not whole after its update: \(labels(of: [service.name]))") }
        if overlaps && leastReadyCount < service.desired && after.desired == service.desired {
            fail("\(service.name) had \(leastReadyCount) of \(service.desired) ready while it was updated")
        }
        let inForce = isGood ? next : service.definition.fingerprint
        if after.definition.fingerprint != inForce || after.previous != nil {
            fail("\(service.name) has \(after.definition.fingerprint) in force, not \(inForce)")
        }
        if (after.rolledBack?.fingerprint == next) == isGood {
            fail("\(service.name): rolled back is \(String(describing: after.rolledBack))")
        }
        for instance in after.instances where instance.phase.process?.fingerprint != inForce {
            fail("\(service.name)/\(instance.number) does not run what is in force")
        }
        if !isGood && overlaps { expectSame(before, "a bad update with overlap") }
        try verify()
    }

    private mutating func restart(_ before: [InstanceID: Int]) throws(Violation) {
        guard let service = wholeService(), state.services.allSatisfy({ $0.previous == nil }) else { return }
        ask(.restartRequested(service.name, actor: "person"), service.name)
        try settle()
        expectSame(before, except: service.name, "a restart of \(service.name)")
        let desired = state.service(named: service.name)?.desired ?? 0
        if desired == service.desired, spawnsOf[service.name] != desired {
            fail("a restart of \(service.name) has started \(spawnsOf[service.name] ?? 0) of \(desired)")
        }
        try verify()
    }

    private mutating func scale(_ before: [InstanceID: Int]) throws(Violation) {
        guard let service = wholeService() else { return }
        let count = Int.random(in: service.definition.range, using: &random)
        ask(.scaleRequested(service.name, instances: count, actor: "person"), service.name)
        try settle()
        expectSame(before.filter { $0.key.service != service.name || $0.key.number <= count }, "scaling \(service.name)")
        if spawnsOf[service.name] ?? 0 != max(0, count - service.desired) {
            fail("scaling \(service.name) from \(service.desired) to \(count) has started \(spawnsOf[service.name] ?? 0)")
        }
        try verify()
    }

    private mutating func stopAndStart() throws(Violation) {
        guard let service = wholeService() else { return }
        stop(service.name)
        try settle()
        if let left = processes.keys.filter({ $0.service == service.name }).min() { fail("\(left) is there after a stop") }
        ask(.startRequested(service.name, actor: "person"), service.name)
        try settle()
        if state.service(named: service.name)?.readyCount != service.desired { fail("\(service.name) has not come back after its stop") }
        try verify()
    }
}

/// Of schedules, and of what an apply does to several services at once.
extension Simulation {
    /// Half an hour of any schedule that is drawn up has times in it.
    private static let timeForARun = Duration.seconds(1_900)

    private mutating func watchSchedule() throws(Violation) {
        let scheduled = state.services.filter { service in
            guard case .scheduled = service.definition.lifetime else { return false }
            return !service.isHeld && !service.isRemoved && service.desired > 0 && maker.behaviours[service.definition.fingerprint] == .good
                && service.definition.dependencies.allSatisfy { isThere($0) && !needs($0.name, service.name) }
        }
        guard let service = scheduled.randomElement(using: &random) else { return }
        if chance(0.5) { clockShift += Double(Int.random(in: -3...3, using: &random)) * 86_400 }
        if chance(0.3) {
            crash()
            while !isUp { try step() }
        }
        try pass(Self.timeForARun)
        // A clock that was put back by less than the allowance runs nothing twice.
        if spawnsOf[service.name] == nil { try pass(.seconds(SupervisionState.clockStepAllowance)) }
        let count = spawnsOf[service.name] ?? 0
        if count == 0 { fail("\(service.name) has not been run at its time") }
        if count > 40 { fail("\(service.name) has been run \(count) times in half an hour") }
        try verify()
    }

    private mutating func renewAll() throws(Violation) {
        guard state.services.allSatisfy({ $0.rolledBack == nil && $0.previous == nil }) else { return }
        isOrderly = true
        apply(maker.renewed(declared))
        try settle()
        isOrderly = false
        for service in state.services where service.definition.kind == .service && service.definition.lifetime == .continuous {
            for (id, process) in service.processes where processes[id]?.foundation != service.definition.foundation && process.pid != nil {
                fail("\(id) still works on what was before")
            }
        }
        try verify()
    }

    private mutating func removeWithUsers() throws(Violation) {
        guard let name = declared.randomElement(using: &random)?.name else { return }
        let gone = Set(declared.map(\.name).filter { $0 == name || needs($0, name, orFronts: true) })
        isOrderly = true
        apply(maker.founded(declared.filter { !gone.contains($0.name) }))
        try settle()
        isOrderly = false
        if let left = processes.keys.filter({ gone.contains($0.service) }).min() { fail("\(left) is there and not declared") }
        try verify()
    }

    /// The checks of each start see to it that the update waits for its migration.
    private mutating func migrateAndUpdate() throws(Violation) {
        let pairs = declared.indices.filter { place in
            declared[place].dependencies.contains { need in
                declared.contains { $0.name == need.name && $0.lifetime == .once }
            }
        }
        guard let place = pairs.randomElement(using: &random) else { return }
        var services = declared
        for s in services.indices
        where s == place || services[s].lifetime == .once && services[place].dependencies.contains(where: { $0.name == services[s].name }) {
            services[s].fingerprint = maker.fingerprint(.good)
        }
        apply(services)
        try settle()
        try verify()
    }
}
