import Keeper
import Logging
import ManagedServers
import NIOPosix
import Topology

extension Supervisor {
    /// What the audit log may hold up a start or the keeper's forgetting, on a disk that does not answer.
    private static let recordPatience = Duration.milliseconds(250)
    /// What the file systems of a command and its secrets may.
    private static let filePatience = Duration.seconds(10)

    /// Before the keeper's record of an end is gone, its line is in the audit log: a supervisor that is killed in between has told of it, or
    /// its successor will.
    func settleRecords() async { await stateWriter.flush(within: Self.recordPatience) }

    func spawn(_ id: InstanceID, fingerprint: String) async {
        await settleRecords()
        let event: SupervisionEvent
        do throws(LaunchFailure) {
            event = .spawned(id, try await launch(id, fingerprint: fingerprint))
        } catch {
            reservedPorts[id] = nil
            event = .spawnFailed(id, reason: error.reason, isPermanent: error.isPermanent)
        }
        handle(event)
    }

    private func launch(_ id: InstanceID, fingerprint: String) async throws(LaunchFailure) -> SpawnedProcess {
        guard let declared = declaration(of: id.service, fingerprint: fingerprint),
            var definition = declared.definition(of: id.service)
        else {
            throw LaunchFailure("the declaration of \(id.service) that is to be started is not known any more", isPermanent: true)
        }
        definition.fingerprint = fingerprint
        if definition.isExternal {
            return SpawnedProcess(
                pid: nil, startedAt: Self.secondsSince1970, fingerprint: fingerprint, foundation: definition.foundation)
        }
        let specification: ProcessSpecification
        if let service = declared.service(named: id.service), let environment = declared.environment(of: id.service) {
            specification = try await serviceSpecification(id, service, environment, definition, declared)
            if !service.listen.isEmpty { try await openSockets(of: service) }
        } else {
            specification = try await serverSpecification(id, definition, declared.topology)
        }
        do {
            return SpawnedProcess(try await keeper.spawn(specification))
        } catch {
            return try await resolve(error, id)
        }
    }

    /// What the keeper has already is taken as it is: nothing runs twice.
    private func resolve(_ error: KeeperError, _ id: InstanceID) async throws(LaunchFailure) -> SpawnedProcess {
        switch error.code {
        case .timedOut: return try await awaitSpawn(id)
        case .alreadyRunning:
            let records = (try? await keeper.list()) ?? []
            if let record = records.first(where: { $0.specification.id == "\(id)" && $0.status == nil }) { return SpawnedProcess(record) }
            throw LaunchFailure(error.message)
        case .invalidSpecification, .unknownUser, .cannotStart:
            throw LaunchFailure(error.underlying.map { "\(error.message) (\($0))" } ?? error.message, isPermanent: error.isPermanent)
        default: throw LaunchFailure(error.message)
        }
    }

    /// The keeper has not answered, and will still do what it was asked for: what has become of it is in its list, which it makes after that.
    /// Until then the process counts as being started, so that a stop which comes meanwhile finds it.
    private func awaitSpawn(_ id: InstanceID) async throws(LaunchFailure) -> SpawnedProcess {
        while true {
            do throws(KeeperError) {
                let records = try await keeper.list()
                if let record = records.first(where: { $0.specification.id == "\(id)" }) { return SpawnedProcess(record) }
                throw KeeperError(.cannotStart, "the keeper did not answer in time, and has not started \(id)")
            } catch {
                guard error.code == .timedOut else { throw LaunchFailure(error.message) }
                logger.warning("the keeper does not answer; it is asked again what has become of \(id)")
            }
        }
    }

    // MARK: Services

    private func serviceSpecification(
        _ id: InstanceID, _ service: Service, _ environment: ServiceEnvironment, _ definition: SupervisedService,
        _ declared: SupervisedTopology
    ) async throws(LaunchFailure) -> ProcessSpecification {
        let port = try reservePort(for: id)
        let values = environment.values(instance: id.number, port: port)
        let workingDirectory = declared.workingDirectory(of: service)
        let reader = secretReader
        let files = await BlockingCall.run(within: Self.filePatience) {
            Result { () throws(LaunchFailure) in
                try LaunchFiles(of: service, path: values["PATH"] ?? "", workingDirectory: workingDirectory, reader: reader)
            }
        }
        guard let files else {
            throw LaunchFailure(
                "the file system of its command, its working directory \(workingDirectory) or its secrets did not answer within "
                    + "\(Self.filePatience)")
        }
        let found = try files.get()
        let limits = service.limits
        return ProcessSpecification(
            id: "\(id)", executable: found.executable, arguments: service.command,
            environment: values.merging(found.secrets) { _, secret in secret }, workingDirectory: workingDirectory,
            user: service.user, group: service.group, umask: service.umask,
            limits: ProcessLimits(memory: limits.memory, cpu: limits.cpu, openFiles: limits.openFiles, processes: limits.processes),
            sockets: service.listen.indices.map { socketName(service, $0) }, notify: true, logFile: directory.logFile(of: id),
            log: LogPolicy(declared.logs(of: service.name), of: id),
            metadata: labels(definition, port: port))
    }

    private func labels(_ definition: SupervisedService, port: Int?) -> [String: String] {
        var labels = [
            SpawnedProcess.Label.fingerprint: definition.fingerprint, SpawnedProcess.Label.foundation: definition.foundation,
        ]
        labels[SpawnedProcess.Label.port] = port.map(String.init)
        return labels
    }

    private func reservePort(for id: InstanceID) throws(LaunchFailure) -> Int {
        do {
            let port = try PortFinder.free(except: Set(reservedPorts.values).union(ports.all))
            reservedPorts[id] = port
            return port
        } catch {
            throw LaunchFailure(error.message)
        }
    }

    func socketName(_ service: Service, _ index: Int) -> String { "\(service.name).\(index)" }

    private func openSockets(of service: Service) async throws(LaunchFailure) {
        for (index, address) in service.listen.enumerated() {
            let name = socketName(service, index)
            do {
                _ = try await keeper.openSocket(name: name, address: keeperAddress(address))
                openSockets.insert(name)
            } catch {
                throw LaunchFailure(
                    "it cannot listen on \(keeperAddress(address)): \(error.underlying.map(\.reason) ?? error.message)")
            }
        }
    }

    private func keeperAddress(_ address: ListenAddress) -> KeeperAddress {
        switch address {
        case .tcp(let host, let port): .tcp(host: host, port: port)
        case .unix(let path): .unix(path: path.hasPrefix("/") ? path : "\(directory.path)/\(path)")
        }
    }

    // MARK: Servers

    private func serverSpecification(
        _ id: InstanceID, _ definition: SupervisedService, _ topology: Topology
    ) async throws(LaunchFailure) -> ProcessSpecification {
        let folder: String
        let secret: String
        do {
            folder = try directory.serverFolder(id.service, topology: topology.name)
            secret =
                switch id.service {
                case "broker": try passwords.secret("broker-administrator")
                case "database": try passwords.secret("database-superuser")
                default: try passwords.secret("cache")
                }
        } catch {
            throw LaunchFailure(error.message)
        }
        let launch = try await Self.prepare(id.service, folder: folder, ports: ports, password: secret)
        return ProcessSpecification(
            id: "\(id)", executable: launch.executable, arguments: [launch.executable] + launch.arguments,
            environment: launch.environment, workingDirectory: launch.workingDirectory, user: launch.user,
            logFile: directory.logFile(of: id), log: LogPolicy(topology.logs, of: id), metadata: labels(definition, port: nil))
    }

    /// On a thread of NIO's pool: making a database takes seconds, and blocks.
    private static func prepare(
        _ server: String, folder: String, ports: ServerPorts, password: String
    ) async throws(LaunchFailure) -> ManagedServerLaunch {
        do {
            return try await NIOThreadPool.singleton.runIfActive { () throws -> ManagedServerLaunch in
                switch server {
                case "broker":
                    let broker = ports.broker ?? ServerPorts.Broker(port: 0, management: 0, distribution: 0, epmd: 0)
                    return try ManagedRabbitMQ.prepare(
                        directory: folder, port: broker.port, managementPort: broker.management, distributionPort: broker.distribution,
                        epmdPort: broker.epmd, administrator: (Servers.brokerAdministrator, password))
                case "database":
                    return try ManagedPostgreSQL.prepare(directory: folder, port: ports.database ?? 0, superuserPassword: password)
                default:
                    return try ManagedRedis.prepare(directory: folder, port: ports.cache ?? 0, password: password)
                }
            }
        } catch let error as ManagedServerError {
            throw LaunchFailure(error.message, isPermanent: error.code == .notInstalled || error.code == .invalidValue)
        } catch {
            throw LaunchFailure("\(error)")
        }
    }
}

extension KeeperError {
    /// What the keeper will say again and again until a person changes something: a missing program, a folder that is none, no permission.
    fileprivate var isPermanent: Bool {
        switch code {
        case .invalidSpecification, .unknownUser: true
        case .cannotStart: underlying.map { [2, 8, 13, 20, 40].contains($0.number) } ?? false  // ENOENT, ENOEXEC, EACCES, ENOTDIR, ELOOP
        default: false
        }
    }
}

extension LogPolicy {
    fileprivate init(_ rules: LogRules, of id: InstanceID) {
        self.init(
            toFile: rules.destination != .journal, toJournal: rules.destination != .files,
            fields: ["SYSLOG_IDENTIFIER": id.service, "SIGNALBOX_SERVICE": id.service, "SIGNALBOX_INSTANCE": String(id.number)],
            maximumSize: rules.maximumSize, keep: rules.keep, maximumAge: rules.maximumAge.map { $0 / .seconds(1) })
    }
}
