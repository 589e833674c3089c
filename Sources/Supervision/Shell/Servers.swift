import Topology

/// Where the broker, the database and the cache of a topology are, and the passwords of everyone who uses them.
struct Servers: Sendable, Equatable {
    struct Broker: Sendable, Equatable {
        /// As administrator; the path is the virtual host.
        var address: ServerAddress
        var managementURL: String
    }

    var broker: Broker?
    /// As superuser; the path is the topology's database.
    var database: ServerAddress?
    var cache: ServerAddress?
    /// By service.
    var brokerPasswords: [String: String]
    var databasePasswords: [String: String]
    /// By service: its role, and its schema.
    var databaseRoles: [String: String]

    static let brokerAdministrator = "signalbox"
    static let databaseSuperuser = "postgres"

    init(
        of topology: Topology, ports: ServerPorts, secrets: SecretStore, environment: [String: String], folder: String
    ) throws(SupervisorError) {
        func password(_ server: ExternalServer, of name: String) throws(SupervisorError) -> String {
            if let file = server.passwordFile {
                let path = file.hasPrefix("/") ? file : "\(folder)/\(file)"
                guard let bytes = try StateFile.read(path) else {
                    throw SupervisorError(.unreadableTopology, "the \(name)'s password_file \(path) does not exist")
                }
                return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }, as: UTF8.self)
            }
            guard let variable = server.passwordVariable else { return "" }
            guard let value = environment[variable] else {
                throw SupervisorError(
                    .unreadableTopology, "the \(name)'s password is to come from the environment variable \(variable), which is not set")
            }
            return value
        }
        func address(_ server: ExternalServer, of name: String, port: Int) throws(SupervisorError) -> ServerAddress {
            guard let address = ServerAddress(url: server.url, password: try password(server, of: name), defaultPort: port) else {
                throw SupervisorError(.unreadableTopology, "the \(name)'s url \"\(server.url)\" has no host")
            }
            return address
        }

        switch topology.broker {
        case nil: broker = nil
        case .managed:
            broker = Broker(
                address: ServerAddress(
                    scheme: "amqp", host: "127.0.0.1", port: ports.broker?.port ?? 0, user: Self.brokerAdministrator,
                    password: try secrets.secret("broker-administrator"), path: topology.name),
                managementURL: "http://127.0.0.1:\(ports.broker?.management ?? 0)")
        case .external(let server):
            var there = try address(server, of: "broker", port: 5672)
            if there.path.isEmpty { there.path = "/" }
            broker = Broker(address: there, managementURL: server.managementURL ?? "http://\(there.host):15672")
        }
        switch topology.database {
        case nil: database = nil
        case .managed:
            database = ServerAddress(
                scheme: "postgres", host: "127.0.0.1", port: ports.database ?? 0, user: Self.databaseSuperuser,
                password: try secrets.secret("database-superuser"), path: DatabaseNames.database(of: topology.name))
        case .external(let server):
            var there = try address(server, of: "database", port: 5432)
            if there.path.isEmpty { there.path = DatabaseNames.database(of: topology.name) }
            database = there
        }
        switch topology.cache {
        case nil: cache = nil
        case .managed:
            cache = ServerAddress(
                scheme: "redis", host: "127.0.0.1", port: ports.cache ?? 0, user: "", password: try secrets.secret("cache"), path: "0")
        case .external(let server):
            cache = try address(server, of: "cache", port: 6379)
        }
        brokerPasswords = [:]
        databasePasswords = [:]
        databaseRoles = [:]
        for service in topology.services {
            if service.dependsOn.contains(where: { $0.name == "broker" }) {
                brokerPasswords[service.name] = try secrets.secret("broker-\(service.name)")
            }
            if service.dependsOn.contains(where: { $0.name == "database" }) {
                databasePasswords[service.name] = try secrets.secret("database-\(service.name)")
                databaseRoles[service.name] =
                    topology.database == .managed
                    ? DatabaseNames.role(of: service.name) : DatabaseNames.role(of: service.name, in: topology.name)
            }
        }
    }

    /// Nil for a service that has no user there.
    func brokerURL(of service: String) -> String? {
        guard let broker, let password = brokerPasswords[service] else { return nil }
        return broker.address.url(user: service, password: password, path: broker.address.path)
    }

    func databaseURL(of service: String) -> String? {
        guard let database, let password = databasePasswords[service], let role = databaseRoles[service] else { return nil }
        return database.url(user: role, password: password, path: database.path)
    }
}
