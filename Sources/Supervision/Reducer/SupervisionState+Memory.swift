/// What is kept over restarts of the supervisor.
extension SupervisionState {
    mutating func remember() {
        isMemoryStale = false
        var memory = Remembered()
        for service in services where !service.isRemoved {
            if let count = service.scaledByHand { memory.scaledByHand[service.name] = count }
            if service.definition.scale != nil, service.desired != service.scaledByHand ?? service.definition.instances {
                memory.scaledByRule[service.name] = service.desired
            }
            if service.isHeld { memory.held.insert(service.name) }
            if let rolledBack = service.rolledBack { memory.rolledBack[service.name] = rolledBack }
            if let previous = service.previous { memory.updating[service.name] = previous.fingerprint }
            if let last = service.runs.last { memory.lastRuns[service.name] = last }
            if let waiting = service.runs.waiting { memory.runsWaiting[service.name] = waiting }
            if service.isRunByHand { memory.runsByHand.insert(service.name) }
            if service.schedule != nil, service.instances.contains(where: Self.isRunToCome) {
                memory.runsDue[service.name] = service.runs.current ?? 0
            }
            for instance in service.instances { remember(instance, of: service, in: &memory) }
        }
        guard memory != remembered else { return }
        remembered = memory
        effects.append(.remember(memory))
    }

    private func remember(_ instance: Instance, of service: ServiceState, in memory: inout Remembered) {
        let history = instance.main.history
        var until: Duration?
        switch instance.main.phase {
        case .failed(let reason):
            memory.failed[key(service, instance)] = .init(fingerprint: service.definition.fingerprint, reason: reason)
        case .completed: memory.completed[key(service, instance)] = instance.completedFingerprint ?? ""
        case .backoff(let time): until = time
        case .up(let process, _):
            if instance.replacement?.isRestart == true, let pid = process.pid { memory.replacing[key(service, instance)] = pid }
        default: break
        }
        guard until != nil || !history.isEmpty else { return }
        memory.restarts[key(service, instance)] = .init(
            times: history.recent.map(timeOfDay(at:)), inARow: history.inARow, until: until.map(timeOfDay(at:)))
    }

    /// A process of a run is to be started, and is not there yet.
    private static func isRunToCome(_ instance: Instance) -> Bool {
        if instance.isRunDue { return true }
        return switch instance.phase {
        case .waiting, .spawning, .backoff: true
        case .up, .clearing, .draining, .stopping, .stopped, .failed, .completed, .scheduled: false
        }
    }

    private func key(_ service: ServiceState, _ instance: Instance) -> String { "\(service.name)/\(instance.number)" }

    /// To the millisecond, so that readings of the clock that differ by less do not count as a change.
    private func timeOfDay(at time: Duration) -> Double { (((clockOrigin ?? 0) + time / .seconds(1)) * 1000).rounded() / 1000 }
}
