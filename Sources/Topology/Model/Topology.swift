/// What one `topology.yaml` declares, with every default filled in. A value: it has been validated, and nothing in it has been acted upon.
package struct Topology: Sendable, Equatable {
    package var name: String
    /// Nil: none, and nothing in the topology needs one.
    package var broker: Server?
    package var database: Server?
    package var cache: Server?
    package var admin: AdminEndpoint
    /// Where the output of services goes that do not say otherwise.
    package var logs: LogRules
    /// The folder of the recorded contracts, relative to the file's own; nil: `contracts`, where there is one.
    package var contracts: String?
    /// In the file's order.
    package var services: [Service]
    package var exchanges: [Exchange]
    package var queues: [Queue]
    package var routes: [Route]

    package init(
        name: String, broker: Server? = .managed, database: Server? = nil, cache: Server? = nil, admin: AdminEndpoint = .init(),
        services: [Service] = [], exchanges: [Exchange] = [], queues: [Queue] = [], routes: [Route] = [], logs: LogRules = .init(),
        contracts: String? = nil
    ) {
        self.contracts = contracts
        self.logs = logs
        self.name = name
        self.broker = broker
        self.database = database
        self.cache = cache
        self.admin = admin
        self.services = services
        self.exchanges = exchanges
        self.queues = queues
        self.routes = routes
    }

    package func service(named name: String) -> Service? { services.first { $0.name == name } }
    package func queue(named name: String) -> Queue? { queues.first { $0.name == name } }
    package func exchange(named name: String) -> Exchange? { exchanges.first { $0.name == name } }
}

/// A RabbitMQ, PostgreSQL or Redis: run by Signalbox itself, or already there.
package enum Server: Sendable, Equatable {
    /// A private one of Debian's packages, run as a supervised process.
    case managed
    /// One that is already there. The password comes from `passwordFile` or the environment variable `passwordVariable`, never from the file's URL.
    case external(ExternalServer)
}

package struct ExternalServer: Sendable, Equatable {
    /// `amqp://user@host:5672/vhost`, `postgres://user@host:5432/database` or `redis://user@host:6379/0`.
    package var url: String
    package var passwordFile: String?
    package var passwordVariable: String?
    /// RabbitMQ only: the management API, `http://host:15672`.
    package var managementURL: String?

    package init(url: String, passwordFile: String? = nil, passwordVariable: String? = nil, managementURL: String? = nil) {
        self.url = url
        self.passwordFile = passwordFile
        self.passwordVariable = passwordVariable
        self.managementURL = managementURL
    }
}

package struct AdminEndpoint: Sendable, Equatable {
    package var listen: ListenAddress

    package init(listen: ListenAddress = .tcp(host: "127.0.0.1", port: 9900)) { self.listen = listen }
}

/// Where something listens: `127.0.0.1:8080`, `[::1]:8080` or `unix:run/x.sock` (relative to the state directory).
package enum ListenAddress: Sendable, Hashable {
    case tcp(host: String, port: Int)
    case unix(path: String)
}
