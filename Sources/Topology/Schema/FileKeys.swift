/// At the top of the file.
enum FileKey: String, TopologyKey {
    case name, broker, database, cache, admin, logs, contracts, services, exchanges, queues, routes

    static let title = "the topology"
    static let required: [FileKey] = [.name]

    var shape: ValueShape {
        switch self {
        case .name: .textMatching(TopologyNames.servicePattern)
        case .broker: .object(BrokerKey.self)
        case .database, .cache: .object(ServerKey.self)
        case .admin: .object(AdminKey.self)
        case .logs: .object(LogKey.self)
        case .contracts: .text
        case .services: .map(.object(ServiceKey.self), names: TopologyNames.servicePattern)
        case .exchanges: .map(.object(ExchangeKey.self), names: TopologyNames.brokerPattern)
        case .queues: .map(.object(QueueKey.self), names: TopologyNames.brokerPattern)
        case .routes: .list(.object(RouteKey.self))
        }
    }

    var summary: String {
        switch self {
        case .name: "The topology's name; also that of its virtual host and database."
        case .broker: "The RabbitMQ; if not given, a managed one where anything needs it."
        case .database: "The PostgreSQL, if services need one."
        case .cache: "The Redis, if services need one."
        case .admin: "The admin HTTP endpoint."
        case .logs: "Where the output of services goes that do not say otherwise."
        case .contracts: "The folder of the recorded contracts; contracts beside this file if not given and there."
        case .services: "The services by name."
        case .exchanges: "The exchanges by name."
        case .queues: "The queues by name."
        case .routes: "How the gateway answers requests."
        }
    }
}

enum ServerKey: String, TopologyKey {
    case managed, url
    case passwordFile = "password_file"
    case passwordVariable = "password_variable"

    static let title = "a server"

    var shape: ValueShape {
        switch self {
        case .managed: .boolean
        case .url, .passwordFile, .passwordVariable: .text
        }
    }

    var summary: String {
        switch self {
        case .managed: "true: Signalbox runs a private one."
        case .url: "One that is already there, with the user and without the password."
        case .passwordFile: "The file that holds the password."
        case .passwordVariable: "The environment variable of the supervisor that holds the password."
        }
    }
}

enum BrokerKey: String, TopologyKey {
    case managed, url
    case passwordFile = "password_file"
    case passwordVariable = "password_variable"
    case managementURL = "management_url"

    static let title = "the broker"

    private var serverKey: ServerKey? { ServerKey(rawValue: rawValue) }
    var shape: ValueShape { serverKey?.shape ?? .text }
    var summary: String { serverKey?.summary ?? "The address of the management API, such as http://127.0.0.1:15672." }
}

enum AdminKey: String, TopologyKey {
    case listen

    static let title = "the admin endpoint"
    var shape: ValueShape { .text }
    var summary: String { "Where it listens: 127.0.0.1:9900, [::1]:9900 or unix:admin.sock; loopback only." }
}
