import Topology

extension SupervisionState {
    /// Everything that is declared and held to run is ready.
    var isAllReady: Bool { discontent == 0 && !services.isEmpty }

    package var overallState: TopologyStatus.State {
        if isShuttingDown { return .stopping }
        if isAllReady { return .ready }
        if hasBeenReady { return .degraded }
        let isStuck = services.contains { service in service.instances.contains { Self.failure(of: $0) != nil } }
        return isStuck ? .failed : .starting
    }

    /// What keeps the whole from being ready, for a person.
    package var overallReason: String? {
        if isShuttingDown {
            return shutdownReason
        }
        let statuses = serviceStatuses()
        let unready = statuses.filter { status in
            switch status.state {
            case .ready, .stopped, .completed, .scheduled: false
            case .waiting, .starting, .degraded, .stopping, .failed: true
            }
        }
        guard !unready.isEmpty else { return nil }
        if let failed = unready.first(where: { $0.state == .failed }) { return "\(failed.name) has failed: \(failed.reason ?? "")" }
        return unready.map { status in
            // What waits says no more than that.
            let reason = status.state == .waiting ? nil : status.reason
            return "\(status.name) is \(status.state.rawValue)" + (reason.map { " (\($0))" } ?? "")
        }.joined(separator: ", ")
    }

    package func serviceStatuses() -> [ServiceStatus] { services.map(status) }

    package func status(of service: ServiceState) -> ServiceStatus {
        ServiceStatus(
            name: service.name, kind: service.definition.kind, state: state(of: service), reason: reason(of: service),
            desired: service.isRemoved ? 0 : service.desired, ready: service.readyCount,
            instances: service.instances.map { status(of: $0, service) },
            isUnderWay: service.isUnderWay, settlesWithin: service.isUnderWay ? service.settlesWithin / .seconds(1) : nil)
    }

    private func state(of service: ServiceState) -> ServiceStatus.State {
        if service.isRemoved || service.isHeld || isShuttingDown || service.wanted == 0 {
            return service.isLive ? .stopping : .stopped
        }
        if service.instances.contains(where: { Self.failure(of: $0) != nil }) { return .failed }
        if Self.isCompleted(service) { return .completed }
        if Self.isServiceReady(service) { return .ready }
        if !service.isLive, service.instances.contains(where: { if case .waiting = $0.phase { true } else { false } }) { return .waiting }
        if service.schedule != nil, !service.isLive,
            !service.instances.contains(where: { if case .backoff = $0.phase { true } else { false } })
        {
            return .scheduled
        }
        return service.readyCount > 0 && service.provisioning == .done || service.hasBeenReady ? .degraded : .starting
    }

    private func reason(of service: ServiceState) -> String? {
        if let reason = reasonToGo(of: service) { return reason }
        if service.isHeld { return "stopped by \(service.wish.actor)" }
        if case .failed(let reason, _) = service.provisioning { return "preparing it failed: \(reason)" }
        if let failure = service.instances.lazy.compactMap(Self.failure).first { return failure }
        if let rolledBack = service.rolledBack { return "its new declaration was rolled back: \(rolledBack.reason)" }
        if service.readyCount > 0, service.provisioning != .done { return "it is being prepared" }
        if let reason = service.instances.lazy.filter({ !$0.isAtRest }).compactMap(reason).first { return reason }
        if let reason = replacementReason(of: service) { return reason }
        if let problem = service.restartProblem { return "the restart was given up: \(problem)" }
        if service.schedule != nil, !service.isLive, let next = service.runs.next {
            return next.isFinite ? "its next run is at \(TimeText.iso8601(secondsSince1970: next))" : "its schedule names no time to come"
        }
        return nil
    }

    /// Why a service ends that nobody has stopped.
    private func reasonToGo(of service: ServiceState) -> String? {
        guard service.isRemoved || service.isRecreating && service.isLive else { return nil }
        let users = index(of: service.name).map(holders) ?? []
        let reason = service.isRemoved ? "it is not declared any more" : "it is another now, and begins again"
        return reason + (users.isEmpty || !service.isLive ? "" : "; it ends after \(users.joined(separator: ", "))")
    }

    /// What a restart or an update waits for before it goes on.
    private func replacementReason(of service: ServiceState) -> String? {
        guard let s = index(of: service.name), let replacement = service.instances.lazy.compactMap(\.replacement).first else { return nil }
        let missing = unsatisfiedDependencies(s)
        guard !missing.isEmpty else { return nil }
        return "its \(replacement.isRestart ? "restart" : "update") waits for \(missing.joined(separator: ", "))"
    }

    private func status(of instance: Instance, _ service: ServiceState) -> InstanceStatus {
        let process = instance.phase.process
        let waiting = instance.replacement == nil ? nil : replacementReason(of: service)
        return InstanceStatus(
            instance: instance.number, state: instance.phase.label, pid: process?.pid, port: process?.port,
            startedAt: process.map { TimeText.iso8601(secondsSince1970: $0.startedAt) }, restarts: instance.restarts,
            lastExit: instance.lastExit?.description, reason: waiting ?? reason(of: instance), beside: beside(instance))
    }

    /// The second process of an instance that is being replaced.
    private func beside(_ instance: Instance) -> InstanceStatus.Beside? {
        guard let companion = instance.companion else { return nil }
        let process = companion.phase.process
        return InstanceStatus.Beside(
            role: instance.role == .leaving ? .old : .new, state: companion.phase.label, pid: process?.pid, port: process?.port)
    }

    private func reason(of instance: Instance) -> String? {
        if let successor = instance.companion, instance.role == .successor {
            return reason(of: successor.phase, instance).map { "its replacement is \(successor.phase.label): \($0)" }
                ?? "its replacement is \(successor.phase.label)"
        }
        return reason(of: instance.main.phase, instance) ?? instance.statusText
    }

    private func reason(of phase: InstancePhase, _ instance: Instance) -> String? {
        switch phase {
        case .waiting(let missing): "waits for \(missing.joined(separator: ", "))"
        case .failed(let reason): reason
        case .backoff:
            instance.lastProblem ?? instance.lastExit.map { "it ended with \($0) and will be started again" } ?? "it will be started again"
        case .up(_, let health) where !health.isReady: (health.isStarted ? health.readiness : health.startup).lastFailure
        case .clearing: "its main process has ended"
        case .spawning: instance.lastProblem
        case .up, .draining, .stopping, .stopped, .completed, .scheduled: nil
        }
    }

    // MARK: Facts

    /// Nothing of what is wanted of it is missing.
    static func isContent(_ service: ServiceState) -> Bool {
        if service.isRemoved { return !service.isLive }
        if service.isHeld { return true }
        if service.schedule != nil { return !service.instances.contains { failure(of: $0) != nil } }
        return isServiceReady(service) || isCompleted(service)
    }

    static func isServiceReady(_ service: ServiceState) -> Bool {
        service.provisioning == .done && service.readyCount >= service.wanted
            && !service.instances.contains { $0.number <= service.wanted && !$0.phase.isReady }
    }

    static func isCompleted(_ service: ServiceState) -> Bool {
        service.wanted > 0 && service.instances.count >= service.wanted && service.instances.allSatisfy { isDone($0, service) }
    }

    /// What a one-shot has done by another declaration than the one in force does not count.
    static func isDone(_ instance: Instance, _ service: ServiceState) -> Bool {
        guard instance.phase == .completed else { return false }
        return service.definition.lifetime != .once || instance.completedFingerprint == service.definition.fingerprint
    }

    private static func failure(of instance: Instance) -> String? {
        if case .failed(let reason) = instance.phase { reason } else { nil }
    }
}
