import AMQP
import BrokerTopology
import Logging
import Postgres
import Redis
import Topology

/// The supervisor's own connections to the broker, the database and the cache.
struct ServerClients: Sendable {
    /// Of one step of a provisioning: the server has answered its probe by then.
    static let stepLimit = Duration.seconds(15)
    static let roundTripLimit = Duration.seconds(4)

    let servers: Servers
    let broker: BrokerAdministrator?
    /// Where to ask the broker whether it is there: the topology's virtual host is made only later.
    private let brokerProbeURL: String?
    /// As superuser.
    let database: PostgresPool?
    private let cache: RedisClient?

    init(_ servers: Servers, topology: Topology, logger: Logger) throws(SupervisorError) {
        self.servers = servers
        broker = servers.broker.map { broker in
            BrokerAdministrator(
                managementURL: broker.managementURL, user: broker.address.user, password: broker.address.password,
                virtualHost: broker.address.path)
        }
        brokerProbeURL = (servers.broker?.address).map { address in
            topology.broker == .managed ? address.url(user: address.user, password: address.password, path: "/") : address.url
        }
        var quiet = logger
        quiet.logLevel = .error
        do {
            database = try servers.database.map { address in
                let path = topology.database == .managed ? "postgres" : address.path
                return try PostgresPool(
                    url: address.url(user: address.user, password: address.password, path: path), maximumConnections: 2,
                    applicationName: "signalbox supervisor", logger: quiet)
            }
        } catch {
            throw SupervisorError(.database, "the database's url cannot be used: \(error)", underlying: error)
        }
        do {
            cache = try servers.cache.map { try RedisClient(url: $0.url, logger: quiet) }
        } catch {
            throw SupervisorError(.unreadableTopology, "the cache's url cannot be used: \(error)", underlying: error)
        }
    }

    /// Asks a server something in its own protocol.
    func roundTrip(_ server: String) async -> ProbeAnswer {
        switch server {
        case "broker":
            guard let broker, let brokerProbeURL else { return .failure("none is declared") }
            guard await broker.isHealthy() else { return .failure("its management API does not answer") }
            guard await AMQPProbe.roundTrip(url: brokerProbeURL, timeout: Self.roundTripLimit) else {
                return .failure("it accepts no AMQP connection")
            }
            return .success
        case "database":
            guard let database else { return .failure("none is declared") }
            do {
                _ = try await database.withConnection(deadline: .now + Self.roundTripLimit) { try await $0.query("SELECT 1") }
                return .success
            } catch {
                return .failure("SELECT 1: \(error)")
            }
        default:
            guard let cache else { return .failure("none is declared") }
            do {
                _ = try await cache.command(["PING"])
                return .success
            } catch {
                return .failure("PING: \(error)")
            }
        }
    }

    func close() async {
        await database?.close()
        await cache?.close()
    }
}
