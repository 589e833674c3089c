import Glibc
import Keeper
import Logging
import Topology

extension Supervisor {
    func perform(_ effect: SupervisionEffect) {
        switch effect {
        case .spawn(let id): enqueue { await self.spawn(id) }
        case .signal(let id, let signal):
            enqueue {
                await self.attempt("signal \(id)") { () async throws(KeeperError) in try await self.keeper.signal(id: "\(id)", signal) }
            }
        case .killAll(let id):
            enqueue { await self.attempt("kill \(id)") { () async throws(KeeperError) in try await self.keeper.kill(id: "\(id)") } }
        case .forget(let id):
            enqueue { await self.attempt("forget \(id)") { () async throws(KeeperError) in try await self.keeper.forget(id: "\(id)") } }
        case .startProbes(let id, let process, let purposes): startProbes(id, process, purposes)
        case .stopProbes(let id): stopProbes(id)
        case .provision(let server, let generation): enqueue { await self.provision(server, generation: generation) }
        case .publishGatewayConfiguration(let instances): publishGateway(instances)
        case .record(let transition): record(transition)
        case .remember(let remembered):
            let wishes = Wishes(remembered, definitions: supervised?.definitions ?? [])
            keep("what has been asked for") { () throws(SupervisorError) in
                try StateFile.writeJSON(wishes, to: directory.wishes, mode: 0o600)
            }
        case .finish: finish()
        }
    }

    /// That the process is gone already is what was wanted; its `exited` is on its way.
    private func attempt(_ what: String, _ body: @Sendable () async throws(KeeperError) -> Void) async {
        do { try await body() } catch {
            switch error.code {
            case .notRunning, .unknownProcess, .alreadyRunning, .disconnected: break
            default: logger.warning("cannot \(what): \(error)")
            }
        }
    }

    /// A disk that is full must not stop the supervisor.
    func keep(_ what: String, _ body: () throws(SupervisorError) -> Void) {
        do { try body() } catch { logger.error("cannot keep \(what): \(error)") }
    }

    private func record(_ transition: Transition) {
        let record = transitionLog.append(transition, secondsSince1970: Self.secondsSince1970)
        let who = record.instance.map { "\(record.service)/\($0)" } ?? record.service
        let evidence = record.evidence.map { " (\($0))" } ?? ""
        let level: Logger.Level = record.to == "failed" ? .error : .info
        logger.log(level: level, "\(who): \(record.from) → \(record.to): \(record.cause)\(evidence)")
    }

    static var secondsSince1970: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
    }

    // MARK: Gateway

    private func publishGateway(_ instances: [String: [GatewayConfiguration.Upstream]]) {
        writeGateway(GatewayConfiguration(routes: supervised?.topology.routes ?? [], instances: instances))
    }

    /// After the routes have changed.
    func republishGateway() {
        writeGateway(GatewayConfiguration(routes: supervised?.topology.routes ?? [], instances: publishedGateway?.instances ?? [:]))
    }

    private func writeGateway(_ gateway: GatewayConfiguration) {
        guard gateway != publishedGateway else { return }
        publishedGateway = gateway
        keep("the gateway's configuration") { () throws(SupervisorError) in
            try StateFile.writeJSON(gateway, to: directory.gatewayConfiguration, mode: 0o644)
        }
    }

    // MARK: Keeper

    func followKeeper() async {
        for await event in keeper.events {
            switch event {
            case .mainExited(let id, let status):
                if let id = InstanceID(id) { handle(.mainExited(id, Termination(status))) }
            case .exited(let id, let status, let isOutOfMemory):
                if let id = InstanceID(id) { handle(.exited(id, Termination(status, isOutOfMemory: isOutOfMemory))) }
            case .notified(let id, let fields):
                if let id = InstanceID(id), fields["READY"] == "1" { handle(.notifiedReady(id)) }
            case .stopRequested: handle(.shutdownRequested(reason: "the keeper was told to stop"))
            case .disconnected:
                finish(SupervisorError(.keeper, "the keeper is gone; a supervisor cannot go on without it"))
            }
        }
    }
}

extension Termination {
    init(_ status: ExitStatus, isOutOfMemory: Bool = false) {
        switch status {
        case .exited(let code): self.init(Kind.exited(code), isOutOfMemory: isOutOfMemory)
        case .signalled(let signal, _): self.init(Kind.signalled(signal), isOutOfMemory: isOutOfMemory)
        }
    }
}
