import BrokerTopology
import Keeper
import Logging
import Topology

extension Supervisor {
    /// The file, and the secrets, against what runs. Nothing is changed.
    package func plan() async throws(SupervisorError) -> ApplyPlan {
        try await plan(for: try readTopology()).plan
    }

    /// Makes what runs into what the file says. Returns once that has begun.
    package func apply(actor: String) async throws(SupervisorError) -> ApplyPlan {
        guard !isApplying else { throw SupervisorError(.conflict, "somebody else applies the file at this moment; nothing was applied") }
        isApplying = true
        defer { isApplying = false }
        let file = try readTopology()
        let (plan, next) = try await plan(for: file)
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
        let sockets = Set(file.topology.services.flatMap { service in service.listen.indices.map { socketName(service, $0) } })
        // Before anything of it is done: a supervisor that dies in the midst of it finds what there is to go back to.
        keepDeclarations(before: next.supervised)
        await stateWriter.flush()
        supervised = next.supervised
        fileProblem = nil
        keepApplied(next.supervised)
        logger.info("applying \(configuration.topologyFile), as \(actor) asked")
        handle(.topologyApplied(next.supervised.definitions, actor: actor))
        republishGateway()
        for name in openSockets.subtracting(sockets) {
            openSockets.remove(name)
            enqueue { try? await self.keeper.closeSocket(name: name) }
        }
        return plan
    }

    private func plan(
        for file: (topology: Topology, text: String)
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
        var plan = PlanComposer(from: current, to: next, inForce: inForce, rolledBack: rolledBack).plan
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
        await compareBroker(next, into: &plan)
        return (plan, (next, ports))
    }

    private func compareBroker(_ next: SupervisedTopology, into plan: inout ApplyPlan) async {
        guard next.topology.broker != nil else { return }
        guard next.topology.broker == supervised?.topology.broker, let administrator = clients?.broker,
            let state = reducer.service(named: "broker"),
            state.readyCount > 0
        else {
            plan.notes.append("The broker is not ready: what differs in it is seen once it is.")
            return
        }
        do {
            let broker = try await brokerPlan(for: next, at: administrator)
            plan.broker = broker.steps.map { "\($0)" }
            plan.refused = broker.refused.map { "\($0)" }
            if !broker.undeclared.isEmpty {
                plan.notes.append("In the broker and not in the file, left alone: \(broker.undeclared.joined(separator: ", ")).")
            }
        } catch {
            plan.notes.append("The broker could not be compared: \(error)")
        }
    }
}
