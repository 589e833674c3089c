import Topology

extension Supervisor {
    // MARK: What a person asks

    package func scale(_ service: String, to instances: Int, actor: String) async throws(SupervisorError) -> ServiceStatus {
        let definition = try commanded(service).definition
        guard definition.kind == .service else {
            throw SupervisorError(.invalidCount(allowed: 1...1), "\(service) is a server: there is one of it")
        }
        guard definition.range.contains(instances) else {
            let range = definition.range
            throw SupervisorError(
                .invalidCount(allowed: range),
                "\(service) can have \(range.lowerBound) to \(range.upperBound) instances, not \(instances)"
                    + (definition.scale == nil ? "" : " (scale.min and scale.max in the topology file)"))
        }
        handle(.scaleRequested(service, instances: instances, actor: actor))
        return try await settled(service)
    }

    package func start(_ service: String, actor: String) async throws(SupervisorError) -> ServiceStatus {
        _ = try commanded(service)
        handle(.startRequested(service, actor: actor))
        return try await settled(service)
    }

    package func stop(_ service: String, actor: String) async throws(SupervisorError) -> ServiceStatus {
        _ = try commanded(service)
        handle(.stopRequested(service, actor: actor))
        return try await settled(service)
    }

    package func restart(_ service: String, actor: String) async throws(SupervisorError) -> ServiceStatus {
        _ = try commanded(service)
        handle(.restartRequested(service, actor: actor))
        return try await settled(service)
    }

    private func commanded(_ service: String) throws(SupervisorError) -> ServiceState {
        let state = try known(service)
        guard !reducer.isShuttingDown, !isFinished else {
            throw SupervisorError(.conflict, "everything is being taken down; \(service) cannot be changed any more")
        }
        return state
    }

    private func known(_ service: String) throws(SupervisorError) -> ServiceState {
        guard !reducer.services.isEmpty else {
            throw SupervisorError(.notReady, "the supervisor has not come up yet; try again in a moment")
        }
        guard let state = reducer.service(named: service), !state.isRemoved else {
            let names = reducer.services.filter { !$0.isRemoved }.map(\.name).joined(separator: ", ")
            throw SupervisorError(.unknownService, "there is no service \"\(service)\"; there are: \(names)")
        }
        return state
    }

    /// The service's status once what was asked for is kept and nothing of it is under way, or when patience is over.
    private func settled(_ service: String) async throws(SupervisorError) -> ServiceStatus {
        let deadline = ContinuousClock.now + Self.commandPatience
        let isWritten = await stateWriter.flush(within: Self.commandPatience)
        let problem = saver.problem(of: directory.remembered) ?? (isWritten ? nil : "the disk does not answer")
        while ContinuousClock.now < deadline, !isFinished, let state = reducer.service(named: service), state.isUnderWay {
            await nextChange()
        }
        var status = try status(of: service)
        if let problem {
            let words = "this is not kept yet, and a supervisor that is started again would not know of it: \(problem)"
            status.reason = [status.reason, words].compactMap(\.self).joined(separator: "; ")
        }
        return status
    }

    // MARK: What a person sees

    /// False until what is declared and what runs have been found out.
    package var isKnown: Bool { !reducer.services.isEmpty }

    package func status() -> TopologyStatus {
        let problem = fileProblem.map { "the topology file was not applied: \($0)" }
        let reasons = [supervised == nil ? nil : reducer.overallReason, problem, saver.problem].compactMap(\.self)
        return TopologyStatus(
            name: supervised?.topology.name ?? "", state: supervised == nil ? .starting : reducer.overallState,
            reason: reasons.isEmpty ? nil : reasons.joined(separator: "; "),
            containment: containment, addresses: addresses, services: reducer.serviceStatuses().map(withLosses),
            broker: brokerWatch.status)
    }

    package func status(of service: String) throws(SupervisorError) -> ServiceStatus {
        withLosses(reducer.status(of: try known(service)))
    }

    private func withLosses(_ status: ServiceStatus) -> ServiceStatus {
        guard !lostLines.isEmpty else { return status }
        var status = status
        for i in status.instances.indices {
            let slots = InstanceID.Slot.allCases.map { InstanceID(status.name, status.instances[i].instance, $0) }
            let lines = slots.reduce(0) { $0 + (lostLines[$1] ?? 0) }
            if lines > 0 { status.instances[i].droppedLines = lines }
        }
        return status
    }

    private var addresses: [String: String] {
        guard let topology = supervised?.topology else { return [:] }
        var addresses: [String: String] = [:]
        for service in topology.services { addresses[service.name] = service.listen.first.map(shown) }
        let admin = shown(topology.admin.listen)
        addresses["admin"] = admin
        addresses["dashboard"] = "\(admin)/"
        return addresses
    }

    /// As a person would open it.
    private func shown(_ address: ListenAddress) -> String {
        switch address {
        case .tcp(let host, let port):
            // What listens everywhere is opened here.
            let shown = ["0.0.0.0", "::"].contains(host) ? "127.0.0.1" : host
            return "http://\(shown.contains(":") ? "[\(shown)]" : shown):\(port)"
        case .unix(let path): return "unix:" + (path.hasPrefix("/") ? path : "\(directory.path)/\(path)")
        }
    }

    /// - Parameter service: nil: all.
    package func logFiles(service: String?) -> [LogFile] {
        reducer.services.filter { service == nil || $0.name == service }.flatMap { state in
            state.instances.map { instance in
                LogFile(
                    service: state.name, instance: instance.number,
                    path: directory.logFile(of: InstanceID(state.name, instance.number)))
            }
        }
    }
}
