import Keeper
import ManagedServers
import NIOPosix
import Topology

extension Supervisor {
    func spawn(_ id: InstanceID) async {
        let event: SupervisionEvent
        do throws(LaunchFailure) {
            event = .spawned(id, try await launch(id))
        } catch {
            event = .spawnFailed(id, reason: error.reason, isPermanent: error.isPermanent)
        }
        pendingPorts[id] = nil
        handle(event)
    }

    private func launch(_ id: InstanceID) async throws(LaunchFailure) -> SpawnedProcess {
        guard let supervised, let definition = supervised.definition(of: id.service) else {
            throw LaunchFailure("\(id.service) is not declared any more", isPermanent: true)
        }
        if definition.isExternal {
            return SpawnedProcess(pid: nil, startedAt: Self.secondsSince1970, fingerprint: definition.fingerprint)
        }
        let specification: ProcessSpecification
        if definition.kind == .server {
            specification = try await serverSpecification(id, definition, supervised.topology)
        } else {
            guard let service = supervised.topology.service(named: id.service), let environment = supervised.environment(of: id.service)
            else {
                throw LaunchFailure("\(id.service) is not declared any more", isPermanent: true)
            }
            specification = try serviceSpecification(id, service, environment, definition, supervised)
            try await openSockets(of: service)
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
        case .alreadyRunning:
            let records = (try? await keeper.list()) ?? []
            if let record = records.first(where: { $0.specification.id == "\(id)" && $0.status == nil }) { return SpawnedProcess(record) }
            throw LaunchFailure(error.message)
        case .invalidSpecification, .unknownUser, .cannotStart:
            throw LaunchFailure(error.underlying.map { "\(error.message) (\($0))" } ?? error.message, isPermanent: error.isPermanent)
        default: throw LaunchFailure(error.message)
        }
    }

    // MARK: Services

    private func serviceSpecification(
        _ id: InstanceID, _ service: Service, _ environment: ServiceEnvironment, _ definition: SupervisedService,
        _ supervised: SupervisedTopology
    ) throws(LaunchFailure) -> ProcessSpecification {
        let port: Int
        do { port = try PortFinder.free(except: usedPorts) } catch { throw LaunchFailure(error.message) }
        pendingPorts[id] = port
        let values = environment.values(instance: id.number, port: port)
        let workingDirectory = supervised.workingDirectory(of: service)
        let executable: String
        do {
            executable = try ExecutableFinder.find(
                service.command.first ?? "", path: values["PATH"] ?? "", workingDirectory: workingDirectory)
        } catch {
            throw LaunchFailure(error.message, isPermanent: true)
        }
        let limits = service.limits
        return ProcessSpecification(
            id: "\(id)", executable: executable, arguments: service.command, environment: values, workingDirectory: workingDirectory,
            user: service.user, group: service.group,
            limits: ProcessLimits(memory: limits.memory, cpu: limits.cpu, openFiles: limits.openFiles, processes: limits.processes),
            sockets: service.listen.indices.map { socketName(service, $0) }, notify: true, logFile: directory.logFile(of: id),
            metadata: [SpawnedProcess.Label.port: String(port), SpawnedProcess.Label.fingerprint: definition.fingerprint])
    }

    private var usedPorts: Set<Int> {
        var used = ports.all.union(pendingPorts.values)
        for service in reducer.services {
            for instance in service.instances { if let port = instance.phase.process?.port { used.insert(port) } }
        }
        return used
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
                case "broker": try secrets.secret("broker-administrator")
                case "database": try secrets.secret("database-superuser")
                default: try secrets.secret("cache")
                }
        } catch {
            throw LaunchFailure(error.message)
        }
        let launch = try await Self.prepare(id.service, folder: folder, ports: ports, password: secret)
        return ProcessSpecification(
            id: "\(id)", executable: launch.executable, arguments: [launch.executable] + launch.arguments,
            environment: launch.environment, workingDirectory: launch.workingDirectory, user: launch.user,
            logFile: directory.logFile(of: id), metadata: [SpawnedProcess.Label.fingerprint: definition.fingerprint])
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
