import BrokerTopology
import Logging
import ManagedServers
import NIOPosix
import Topology

extension Supervisor {
    /// Makes a server that is ready into what the topology needs, and tells the reducer.
    func provision(_ server: String, generation: Int) async {
        do {
            switch server {
            case "broker": try await provisionBroker()
            case "database": try await provisionDatabase()
            default: break
            }
            handle(.provisioned(server, generation: generation))
        } catch {
            handle(.provisioningFailed(server, generation: generation, reason: "\(error)"))
        }
    }

    private func provisionBroker() async throws {
        guard let plain = clients?.broker, let supervised else { return }
        let broker = administrator(plain, for: supervised)
        try await broker.waitUntilReady(deadline: .now + ServerClients.stepLimit)
        let prunes = brokerWatch.isPruneAsked
        let plan = try await brokerPlan(for: supervised, at: broker, prunes: prunes)
        if !plan.isEmpty { try await broker.apply(plan) }
        brokerWatch.asked = Set(plan.queueMigrations.map(\.queue.name))
        brokerWatch.isMigrationPossible = true
        brokerWatch.tellMigrations()
        if prunes {
            brokerWatch.isPruneAsked = false
            logger.info("deleted from the broker, as was asked: \(plan.undeclared.map(\.description).joined(separator: ", "))")
        }
    }

    func brokerPlan(
        for supervised: SupervisedTopology, at broker: BrokerAdministrator, prunes: Bool = false
    ) async throws -> BrokerPlan {
        let declaration = brokerDeclaration(for: supervised)
        let state = try await broker.read()
        var renewed = declaration.unbound(in: state)
        // One that was declared and not bound before the broker was killed, or we were: a moment, and it tells of itself or never.
        if !renewed.isEmpty { renewed = try await broker.silent(among: renewed, patience: BrokerWatch.leaderPatience) }
        if prunes { renewed.formUnion(brokerWatch.leaderless) }
        return BrokerPlan.plan(declaration, state, prunes: prunes, renewing: renewed)
    }

    /// How new quorum queues are waited for: until services may use them.
    func settling(for supervised: SupervisedTopology) -> QueueSettling {
        guard supervised.topology.broker == .managed,
            let folder = try? directory.serverFolder("broker", topology: supervised.topology.name)
        else { return .delayed }
        return .watching {
            (try? await NIOThreadPool.singleton.runIfActive { ManagedRabbitMQ.hasSettled(directory: folder) }) ?? true
        }
    }

    private func provisionDatabase() async throws {
        guard let clients, let pool = clients.database, let supervised else { return }
        let provisioner = DatabaseProvisioner(
            servers: supervised.servers, pool: pool, isManaged: supervised.topology.database == .managed, logger: logger)
        try await provisioner.provision()
    }
}
