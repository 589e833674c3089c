import Keeper
import Logging
import Topology

extension Supervisor {
    func perform(_ effect: SupervisionEffect) {
        switch effect {
        case .spawn(let id, let fingerprint): enqueue(for: id) { await self.spawn(id, fingerprint: fingerprint) }
        case .signal(let id, let signal):
            enqueue(for: id) {
                await self.attempt("signal \(id)") { () async throws(KeeperError) in try await self.keeper.signal(id: "\(id)", signal) }
            }
        case .killAll(let id):
            enqueue(for: id) {
                await self.attempt("kill \(id)") { () async throws(KeeperError) in try await self.keeper.kill(id: "\(id)") }
            }
        case .forget(let id):
            reservedPorts[id] = nil
            enqueue(for: id) {
                await self.settleRecords()
                await self.attempt("forget \(id)") { () async throws(KeeperError) in try await self.keeper.forget(id: "\(id)") }
            }
        case .startProbes(let id, let process, let assignments): startProbes(id, process, assignments)
        case .stopProbes(let id): stopProbes(id)
        case .provision(let server, let generation): enqueue { await self.provision(server, generation: generation) }
        case .publishGatewayConfiguration(let instances): publishGateway(instances)
        case .record(let transition): record(transition)
        case .remember(let remembered):
            let memory = KeptMemory(remembered, keeper: keeperName, definitions: supervised?.definitions ?? [])
            save("what is to be remembered", to: directory.remembered, mode: 0o600) { memory }
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
        save("the gateway's configuration", to: directory.gatewayConfiguration, mode: 0o644) { gateway }
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
                if let id = InstanceID(id) { told(id, fields) }
            case .stopRequested:
                handle(.shutdownRequested(reason: "the keeper was told to stop", within: configuration.stopWithin))
            case .disconnected:
                finish(SupervisorError(.keeper, "the keeper is gone; a supervisor cannot go on without it"))
            }
        }
    }

    /// By sd_notify(3).
    private func told(_ id: InstanceID, _ fields: [String: String]) {
        if let status = fields["STATUS"] { handle(.statusTold(id, String(status.prefix(Self.shownStatus)))) }
        if fields["READY"] == "1" { handle(.notifiedReady(id)) }
        switch fields["WATCHDOG"] {
        case "1": handle(.watchdogPinged(id))
        case "trigger": handle(.watchdogTriggered(id))
        default: break
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
