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
            desired: service.isRemoved ? 0 : service.desired, ready: service.readyCount, instances: service.instances.map(status))
    }

    private func state(of service: ServiceState) -> ServiceStatus.State {
        if service.isRemoved || service.isHeld || isShuttingDown || service.desired == 0 {
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
        if service.isRemoved { return "it is not declared any more" }
        if service.isHeld { return "stopped by \(service.wish.actor)" }
        if case .failed(let reason, _) = service.provisioning { return "preparing it failed: \(reason)" }
        if let failure = service.instances.lazy.compactMap(Self.failure).first { return failure }
        if let rolledBack = service.rolledBack { return "its new declaration was rolled back: \(rolledBack.reason)" }
        if service.readyCount > 0, service.provisioning != .done { return "it is being prepared" }
        if let reason = service.instances.lazy.filter({ !$0.isAtRest }).compactMap(reason).first { return reason }
        if let problem = service.restartProblem { return "the restart was given up: \(problem)" }
        if service.schedule != nil, !service.isLive, let next = service.runs.next {
            return next.isFinite ? "its next run is at \(TimeText.iso8601(secondsSince1970: next))" : "its schedule names no time to come"
        }
        return nil
    }

    private func status(of instance: Instance) -> InstanceStatus {
        let process = instance.phase.process
        return InstanceStatus(
            instance: instance.number, state: instance.phase.label, pid: process?.pid, port: process?.port,
            startedAt: process.map { TimeText.iso8601(secondsSince1970: $0.startedAt) }, restarts: instance.restarts,
            lastExit: instance.lastExit?.description, reason: reason(of: instance))
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
        service.provisioning == .done && service.readyCount >= service.desired
            && !service.instances.contains { $0.number <= service.desired && !$0.phase.isReady }
    }

    static func isCompleted(_ service: ServiceState) -> Bool {
        service.desired > 0 && service.instances.count >= service.desired && service.instances.allSatisfy { $0.phase == .completed }
    }

    private static func failure(of instance: Instance) -> String? {
        if case .failed(let reason) = instance.phase { reason } else { nil }
    }
}
