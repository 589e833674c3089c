import BrokerTopology
import Logging
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
        guard let broker = clients?.broker, let supervised else { return }
        try await broker.waitUntilReady(deadline: .now + ServerClients.stepLimit)
        let plan = try await brokerPlan(for: supervised, at: broker)
        if !plan.isEmpty { try await broker.apply(plan) }
    }

    func brokerPlan(for supervised: SupervisedTopology, at broker: BrokerAdministrator) async throws -> BrokerPlan {
        let declaration = BrokerDeclaration(topology: supervised.topology, users: supervised.servers.brokerPasswords)
        return BrokerPlan.plan(declaration, try await broker.read())
    }

    private func provisionDatabase() async throws {
        guard let clients, let pool = clients.database, let supervised else { return }
        let provisioner = DatabaseProvisioner(
            servers: supervised.servers, pool: pool, isManaged: supervised.topology.database == .managed, logger: logger)
        try await provisioner.provision()
    }
}
