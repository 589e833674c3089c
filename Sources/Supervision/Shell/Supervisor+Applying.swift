import BrokerTopology
import Keeper
import Logging
import Topology

extension Supervisor {
    /// The file, and the secrets, against what runs. Nothing is changed.
    /// - Parameter prunes: as if what is undeclared in the broker were to be deleted.
    package func plan(prunes: Bool = false) async throws(SupervisorError) -> ApplyPlan {
        try await plan(for: try readTopology(), prunes: prunes).plan
    }

    /// Makes what runs into what the file says. Returns once that has begun.
    /// - Parameter prunes: whether what is undeclared in the broker is deleted.
    package func apply(actor: String, prunes: Bool = false) async throws(SupervisorError) -> ApplyPlan {
        guard !isApplying else { throw SupervisorError(.conflict, "somebody else applies the file at this moment; nothing was applied") }
        isApplying = true
        defer { isApplying = false }
        let file = try readTopology()
        let (plan, next) = try await plan(for: file, prunes: prunes)
        guard !reducer.isShuttingDown, !isFinished else {
            throw SupervisorError(.conflict, "everything is being taken down; nothing was applied")
        }
        guard plan.refused.isEmpty else {
            throw SupervisorError(
                .broker,
                "nothing was applied, because RabbitMQ does not allow what the file says: " + plan.refused.joined(separator: "; "))
        }
        if next.ports != ports {
            try StateFile.writeJSON(next.ports, to: directory.serverPorts, mode: 0o600)
            ports = next.ports
        }
        if next.supervised.servers != supervised?.servers {
            let old = clients
            clients = try ServerClients(next.supervised.servers, topology: file.topology, logger: logger)
            enqueue { await old?.close() }
        }
        // Before anything of it is done: a supervisor that dies in the midst of it finds what there is to go back to.
        keepDeclarations(before: next.supervised)
        await stateWriter.flush()
        try await keepApplied(next.supervised)
        supervised = next.supervised
        fileProblem = nil
        brokerWatch.isPruneAsked = prunes
        logger.info("applying \(configuration.topologyFile), as \(actor) asked")
        handle(.topologyApplied(next.supervised.definitions, actor: actor))
        republishGateway()
        return plan
    }

    /// What is declared no more is closed once nothing can need it: an update that is under way may be rolled back.
    func closeUnusedSockets() {
        guard let supervised, !openSockets.isEmpty else { return }
        let declared = Set(supervised.topology.services.flatMap { service in service.listen.indices.map { socketName(service, $0) } })
        for name in openSockets.subtracting(declared) {
            let service = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
            if let state = reducer.service(named: service), state.needsPreviousDeclaration || state.isUnderWay || state.isRemoved {
                continue
            }
            openSockets.remove(name)
            enqueue { try? await self.keeper.closeSocket(name: name) }
        }
    }

    /// A supervisor that is started again goes by what is kept: what cannot be kept is not applied.
    private func keepApplied(_ supervised: SupervisedTopology) async throws(SupervisorError) {
        var problem = saver.problem(of: directory.previousDeclarations)
        if problem == nil {
            saver.save("the applied topology", to: directory.appliedTopology, writing(applied: supervised))
            await stateWriter.flush()
            problem = saver.problem(of: directory.appliedTopology)
            if problem != nil { saver.drop(directory.appliedTopology) }
        }
        guard let problem else { return }
        throw SupervisorError(.stateDirectory, "nothing was applied, because it could not be kept: \(problem). Make room, and apply again")
    }

    private func plan(
        for file: (topology: Topology, text: String), prunes: Bool
    ) async throws(SupervisorError) -> (plan: ApplyPlan, next: (supervised: SupervisedTopology, ports: ServerPorts)) {
        guard let current = supervised else {
            throw SupervisorError(.notReady, "the supervisor has not come up yet; try again in a moment")
        }
        var ports = ports
        let running = Set(reducer.services.filter(\.isLive).map(\.name))
        let topology = file.topology
        try ports.settle(
            broker: topology.broker == .managed, database: topology.database == .managed, cache: topology.cache == .managed,
            running: running)
        let secrets = SecretHashes(
            of: topology, reader: secretReader, key: try passwords.fingerprintKey, before: current.secrets)
        let next = try work(out: topology, text: file.text, ports: ports, secrets: secrets)
        var inForce: [String: SupervisedTopology] = [:]
        var rolledBack: [String: Remembered.RolledBack] = [:]
        for service in reducer.services {
            rolledBack[service.name] = service.rolledBack
            inForce[service.name] = declarationInForce(of: service.name)
        }
        let resting = Set(reducer.services.filter { !$0.isLive && ($0.isHeld || $0.desired == 0) }.map(\.name))
        var plan = PlanComposer(from: current, to: next, inForce: inForce, rolledBack: rolledBack, resting: resting).plan
        for service in topology.services {
            let unread = service.secrets.sorted { $0.key < $1.key }.compactMap { variable, secret -> String? in
                do throws(SecretReader.Failure) {
                    _ = try secretReader.value(of: secret)
                    return nil
                } catch {
                    return "\(service.name)'s secret \(variable): \(error.reason)"
                }
            }
            plan.notes += unread
        }
        await compareBroker(next, prunes: prunes, into: &plan)
        return (plan, (next, ports))
    }

    private func compareBroker(_ next: SupervisedTopology, prunes: Bool, into plan: inout ApplyPlan) async {
        guard next.topology.broker != nil else { return }
        guard next.topology.broker == supervised?.topology.broker, let administrator = clients?.broker,
            let state = reducer.service(named: "broker"),
            state.readyCount > 0
        else {
            plan.notes.append("The broker is not ready: what differs in it is seen once it is.")
            return
        }
        do {
            let broker = try await brokerPlan(for: next, at: administrator, prunes: prunes)
            plan.broker =
                broker.steps.map { "\($0)" } + broker.exchangeMigrations.map { $0.description }
                + broker.queueMigrations.map { $0.description }
            plan.refused = broker.refused.map { "\($0)" }
            plan.notes += brokerWatch.status?.problems.filter { !plan.refused.contains($0) } ?? []
            if !prunes { plan.undeclared = broker.undeclared.map { "\($0)" } }
        } catch {
            plan.notes.append("The broker could not be compared: \(error)")
        }
    }
}
