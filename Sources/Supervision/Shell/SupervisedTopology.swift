import BrokerTopology
import Topology

/// A topology with everything worked out that the supervisor needs to run it.
struct SupervisedTopology: Sendable {
    let topology: Topology
    /// The file as it was read.
    let text: String
    let servers: Servers
    let secrets: SecretHashes
    /// The topology file's folder: relative paths begin there.
    let folder: String
    /// In the order of the status.
    let definitions: [SupervisedService]
    private let byName: [String: SupervisedService]
    private let services: [String: Service]
    private let environments: [String: ServiceEnvironment]

    init(
        _ topology: Topology, text: String = "", ports: ServerPorts, passwords: SecretStore, secrets: SecretHashes = SecretHashes(),
        directory: StateDirectory, configuration: SupervisorConfiguration
    ) throws(SupervisorError) {
        self.topology = topology
        self.text = text
        self.secrets = secrets
        folder = configuration.topologyFolder
        servers = try Servers(of: topology, ports: ports, secrets: passwords, environment: configuration.environment, folder: folder)
        let key = topology.services.contains { !$0.passedEnvironment.isEmpty } ? try passwords.fingerprintKey : nil
        var environments: [String: ServiceEnvironment] = [:]
        for service in topology.services {
            environments[service.name] = ServiceEnvironment(
                of: service, in: topology, servers: servers, directory: directory, configuration: configuration)
        }
        self.environments = environments
        let serverDefinitions = Self.serverDefinitions(topology, servers: servers, ports: ports)
        let requested = Self.requestedServices(topology)
        let definitions =
            serverDefinitions
            + topology.services.map { service in
                Self.definition(
                    of: service, in: topology, environment: environments[service.name]?.fingerprintParts(key) ?? [],
                    secrets: secrets.parts(of: service.name), servers: serverDefinitions, requested: requested)
            }
        self.definitions = definitions
        byName = Dictionary(definitions.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        services = Dictionary(topology.services.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func environment(of service: String) -> ServiceEnvironment? { environments[service] }

    func definition(of service: String) -> SupervisedService? { byName[service] }

    /// Nil for a server.
    func service(named name: String) -> Service? { services[name] }

    /// Where its output goes.
    func logs(of service: String) -> LogRules { services[service]?.logs ?? topology.logs }

    func workingDirectory(of service: Service) -> String {
        guard let own = service.workingDirectory, !own.isEmpty else { return folder }
        return own.hasPrefix("/") ? own : "\(folder)/\(own)"
    }

    // MARK: Definitions

    private static func serverDefinitions(_ topology: Topology, servers: Servers, ports: ServerPorts) -> [SupervisedService] {
        func definition(_ name: String, _ server: Server, url: String, ports: [Int], stop: StopRules) -> SupervisedService {
            let isExternal = server != .managed
            // A managed server's password is in its data since they were made; where it is tells one from another.
            let fingerprint = Fingerprint.of([name] + (isExternal ? ["external", url] : ["managed"] + ports.map(String.init)))
            return SupervisedService(
                name: name, kind: .server, isExternal: isExternal, instances: 1, range: 1...1, readiness: .serverReadiness, stop: stop,
                fingerprint: fingerprint, foundation: fingerprint)
        }
        var definitions: [SupervisedService] = []
        if let broker = topology.broker {
            definitions.append(
                definition(
                    "broker", broker, url: servers.broker?.address.url ?? "", ports: ports.broker?.all ?? [],
                    stop: StopRules(signal: "TERM", grace: .seconds(30))))
        }
        if let database = topology.database {
            // INT is PostgreSQL's fast shutdown; its TERM waits until every client has left.
            definitions.append(
                definition(
                    "database", database, url: servers.database?.url ?? "", ports: [ports.database].compactMap(\.self),
                    stop: StopRules(signal: "INT", grace: .seconds(30))))
        }
        if let cache = topology.cache {
            definitions.append(
                definition(
                    "cache", cache, url: servers.cache?.url ?? "", ports: [ports.cache].compactMap(\.self),
                    stop: StopRules(signal: "TERM", grace: .seconds(10))))
        }
        return definitions
    }

    private static func definition(
        of service: Service, in topology: Topology, environment: [String], secrets: [String], servers: [SupervisedService],
        requested: Set<String>
    ) -> SupervisedService {
        let used = servers.filter { server in service.dependsOn.contains { $0.name == server.name } }
        return SupervisedService(
            name: service.name, instances: service.instances,
            range: range(of: service),
            dependencies: service.dependsOn, fronts: service.isGateway ? fronted(by: topology) : [],
            startup: service.startup.map(SupervisedProbe.init), readiness: service.readiness.map(SupervisedProbe.init),
            liveness: service.liveness.map(SupervisedProbe.init), restart: service.restart, stop: service.stop, scale: service.scale,
            takesRequests: requested.contains(service.name),
            fingerprint: fingerprint(of: service, logs: service.logs ?? topology.logs, environment: environment, secrets: secrets),
            foundation: Fingerprint.of([topology.name] + used.map(\.foundation) + kind(of: service.lifetime)), lifetime: service.lifetime,
            update: service.update,
            watchdog: service.watchdog)
    }

    /// What is meant to end is run by one instance, or by none.
    private static func range(of service: Service) -> ClosedRange<Int> {
        guard service.lifetime == .continuous else { return 0...1 }
        return service.scale.map { min($0.minimum, $0.maximum)...max($0.minimum, $0.maximum) } ?? 0...ScaleRule().maximum
    }

    /// What runs on, runs once or runs by a schedule must not run side by side with another of these.
    private static func kind(of lifetime: Lifetime) -> [String] {
        switch lifetime {
        case .continuous: []
        case .once: ["once"]
        case .scheduled: ["scheduled"]
        }
    }

    /// Of all that a process takes in at its start. What came later to the schema counts only where it is used, so that an upgrade of ours
    /// restarts nothing.
    private static func fingerprint(of service: Service, logs: LogRules, environment: [String], secrets: [String]) -> String {
        let limits = service.limits
        var parts = service.command + ["in", service.workingDirectory ?? "", "as", service.user ?? "", service.group ?? ""]
        parts += ["limits", "\(limits.memory ?? -1) \(limits.cpu ?? -1) \(limits.openFiles ?? -1) \(limits.processes ?? -1)"]
        parts += ["listen"] + service.listen.map { "\($0)" } + ["environment"] + environment
        if let umask = service.umask { parts += ["umask", String(umask)] }
        if let watchdog = service.watchdog { parts += ["watchdog", "\(watchdog)"] }
        if logs != LogRules() {
            let age = logs.maximumAge.map { "\($0)" } ?? ""
            parts += ["logs", "\(logs.destination.rawValue) \(logs.maximumSize) \(logs.keep) \(age)"]
        }
        if !secrets.isEmpty { parts += ["secrets"] + secrets }
        return Fingerprint.of(parts)
    }

    /// Services that a route names: the gateway has to know where they are.
    private static func requestedServices(_ topology: Topology) -> Set<String> {
        Set(topology.routes.compactMap { if case .service(let name) = $0.target { name } else { nil } })
    }

    private static func fronted(by topology: Topology) -> [String] {
        let consumers = topology.routes.compactMap { route in
            if case .queue(let name, _) = route.target { topology.queue(named: name)?.consumer } else { nil }
        }
        return requestedServices(topology).union(consumers).sorted()
    }
}
