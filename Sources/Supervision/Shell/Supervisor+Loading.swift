import Glibc
import Keeper
import Logging
import Topology

extension Supervisor {
    func load() async throws(SupervisorError) -> Topology {
        try directory.make()
        found = try await listProcesses()
        let runningServers = Set(
            found.filter { $0.status == nil }.compactMap { InstanceID($0.specification.id)?.service })
        let topology: Topology
        do {
            let file = try readTopology()
            topology = file.topology
            appliedText = file.text
        } catch {
            // Whatever runs goes on as it was declared when it was started.
            guard !runningServers.isEmpty, let applied = try readAppliedTopology() else { throw error }
            fileProblem = describe(error)
            logger.error("what runs goes on as it is: \(describe(error))")
            topology = applied
        }
        var ports = try StateFile.readJSON(ServerPorts.self, from: directory.serverPorts) ?? ServerPorts()
        try settle(&ports, for: topology, running: runningServers)
        supervised = try work(out: topology, ports: ports)
        self.ports = ports
        return topology
    }

    /// Asks the keeper what is there, tells the reducer, and begins.
    func begin() async throws(SupervisorError) {
        guard let supervised else { return }
        do { containment = try await keeper.containment() } catch {
            throw SupervisorError(.keeper, error.message, underlying: error)
        }
        clients = try ServerClients(supervised.servers, topology: supervised.topology, logger: logger)
        for record in found { openSockets.formUnion(record.specification.sockets) }
        let gateway = try? StateFile.readJSON(GatewayConfiguration.self, from: directory.gatewayConfiguration)
        let processes = found.compactMap { foundProcess($0, gateway: gateway) }
        let wishes = (try? StateFile.readJSON(Wishes.self, from: directory.wishes)) ?? Wishes()
        let isRunning = found.contains { $0.status == nil }
        if let appliedText { keepApplied(appliedText) }
        handle(.started(supervised.definitions, wishes.remembered(for: supervised.definitions, isRunning: isRunning), found: processes))
        republishGateway()
        found = []
    }

    private func listProcesses() async throws(SupervisorError) -> [ProcessRecord] {
        do { return try await keeper.list() } catch { throw SupervisorError(.keeper, error.message, underlying: error) }
    }

    private func foundProcess(_ record: ProcessRecord, gateway: GatewayConfiguration?) -> FoundProcess? {
        guard let id = InstanceID(record.specification.id) else { return nil }
        if let status = record.status {
            return FoundProcess(id: id, condition: .ended(Termination(status, isOutOfMemory: record.isOutOfMemory)))
        }
        let process = SpawnedProcess(record)
        let isReady =
            gateway?.instances[id.service]?.contains { $0.instance == id.number && $0.port == process.port && $0.state == .ready } ?? false
        return FoundProcess(id: id, condition: .running(process, isReady: isReady))
    }

    // MARK: Files

    func readTopology() throws(SupervisorError) -> (topology: Topology, text: String) {
        let path = configuration.topologyFile
        guard let bytes = try StateFile.read(path) else {
            throw SupervisorError(.unreadableTopology, "there is no topology file \(path); name another one with --file, or create it")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return (try parse(text, file: path), text)
    }

    private func readAppliedTopology() throws(SupervisorError) -> Topology? {
        guard let bytes = try StateFile.read(directory.appliedTopology) else { return nil }
        return try? parse(String(decoding: bytes, as: UTF8.self), file: directory.appliedTopology)
    }

    private func parse(_ text: String, file: String) throws(SupervisorError) -> Topology {
        do { return try Topology.parse(text, file: file) } catch {
            let mistakes = error.mistakes
            throw SupervisorError(
                .invalidTopology(mistakes),
                "\(file) has \(mistakes.count) mistake\(mistakes.count == 1 ? "" : "s"); nothing was started or changed", underlying: error)
        }
    }

    private func describe(_ error: SupervisorError) -> String {
        guard case .invalidTopology(let mistakes) = error.code else { return error.message }
        return mistakes.map { "\($0)" }.joined(separator: "; ")
    }

    func keepApplied(_ text: String) {
        keep("the applied topology") { () throws(SupervisorError) in
            try StateFile.write(text.utf8, to: directory.appliedTopology, mode: 0o600)
        }
    }

    // MARK: Working out

    func settle(_ ports: inout ServerPorts, for topology: Topology, running: Set<String>) throws(SupervisorError) {
        let before = ports
        try ports.settle(
            broker: topology.broker == .managed, database: topology.database == .managed, cache: topology.cache == .managed,
            running: running)
        if ports != before { try StateFile.writeJSON(ports, to: directory.serverPorts, mode: 0o600) }
    }

    func work(out topology: Topology, ports: ServerPorts) throws(SupervisorError) -> SupervisedTopology {
        try SupervisedTopology(topology, ports: ports, secrets: secrets, directory: directory, configuration: configuration)
    }
}

extension SpawnedProcess {
    /// The words in which the supervisor labels a process for its own successor.
    enum Label {
        static let port = "port"
        static let fingerprint = "fingerprint"
    }

    init(_ record: ProcessRecord) {
        self.init(
            pid: Int(record.pid), port: record.specification.metadata[Label.port].flatMap { Int($0) }, startedAt: record.startedAt,
            fingerprint: record.specification.metadata[Label.fingerprint] ?? "", isReadyNotified: record.isReadyNotified)
    }
}
