import Glibc
import Keeper
import Logging
import NIOPosix
import Topology

extension Supervisor {
    func load() async throws(SupervisorError) -> Topology {
        try directory.make()
        found = try await listProcesses()
        keeperName = KeptMemory.currentKeeper
        memory = (try? StateFile.readJSON(KeptMemory.self, from: directory.remembered)) ?? nil
        let runningServers = Set(
            found.filter { $0.status == nil }.compactMap { InstanceID($0.specification.id)?.service })
        let file = try topologyInForce(isAnythingRunning: !runningServers.isEmpty)
        var ports = try StateFile.readJSON(ServerPorts.self, from: directory.serverPorts) ?? ServerPorts()
        try settle(&ports, for: file.topology, running: runningServers)
        self.ports = ports
        supervised = try work(out: file.topology, text: file.text, ports: ports, secrets: try secretHashes(for: file.topology))
        return file.topology
    }

    /// A supervisor that takes another's place goes on with what was applied, whatever has become of the file meanwhile: that is for `plan`
    /// and `apply`.
    private func topologyInForce(isAnythingRunning: Bool) throws(SupervisorError) -> (topology: Topology, text: String) {
        isSuccessor = memory?.keeper == keeperName
        if isSuccessor, let applied = try readAppliedTopology() { return applied }
        isSuccessor = false
        do { return try readTopology() } catch {
            // Whatever runs goes on as it was declared when it was started.
            guard isAnythingRunning, let applied = try readAppliedTopology() else { throw error }
            fileProblem = Self.describe(error)
            logger.error("what runs goes on as it is: \(Self.describe(error))")
            return applied
        }
    }

    private func secretHashes(for topology: Topology) throws(SupervisorError) -> SecretHashes {
        guard topology.services.contains(where: { !$0.secrets.isEmpty }) else { return SecretHashes() }
        let before = (try? StateFile.readJSON(SecretHashes.self, from: directory.secretHashes)) ?? nil
        if isSuccessor, let before { return before }
        return SecretHashes(of: topology, reader: secretReader, key: try passwords.fingerprintKey, before: before ?? SecretHashes())
    }

    /// Between `prepare` and `run`: something runs that an earlier supervisor has started.
    package var hasFoundProcesses: Bool { found.contains { $0.status == nil } }

    /// Asks the keeper what is there, tells the reducer, and begins.
    func begin() async throws(SupervisorError) {
        guard let supervised else { return }
        do { containment = try await keeper.containment() } catch {
            throw SupervisorError(.keeper, error.message, underlying: error)
        }
        clients = try ServerClients(supervised.servers, topology: supervised.topology, logger: logger)
        for record in found {
            openSockets.formUnion(record.specification.sockets)
            if let id = InstanceID(record.specification.id) {
                reservedPorts[id] = record.specification.metadata[SpawnedProcess.Label.port].flatMap { Int($0) }
            }
        }
        let gateway = try? StateFile.readJSON(GatewayConfiguration.self, from: directory.gatewayConfiguration)
        let processes = found.compactMap { foundProcess($0, gateway: gateway) }
        let remembered = memory?.remembered(by: keeperName, for: supervised.definitions) ?? Remembered()
        memory = nil
        loadDeclarations()
        if !isSuccessor { saver.save("the applied topology", to: directory.appliedTopology, writing(applied: supervised)) }
        handle(.clockRead(secondsSince1970: Self.secondsSince1970))
        handle(.started(supervised.definitions, previous: previousDefinitions(remembered), remembered, found: processes))
        // From now on whoever takes our place knows that it does.
        perform(.remember(reducer.remembered))
        republishGateway()
        found = []
    }

    /// A file that has been broken since it was applied is told of in the status, not only when somebody applies it.
    func checkFile() async {
        guard isSuccessor, fileProblem == nil, let applied = supervised?.text else { return }
        let path = configuration.topologyFile
        let problem = try? await NIOThreadPool.singleton.runIfActive { () -> String? in
            do throws(SupervisorError) {
                guard let bytes = try StateFile.read(path), !bytes.elementsEqual(applied.utf8) else { return nil }
                _ = try Self.parse(String(decoding: bytes, as: UTF8.self), file: path)
                return nil
            } catch {
                return Self.describe(error)
            }
        }
        guard let problem = problem ?? nil, supervised?.text == applied else { return }
        fileProblem = problem
        logger.error("what runs goes on as it is: \(problem)")
    }

    private func listProcesses() async throws(SupervisorError) -> [ProcessRecord] {
        do { return try await keeper.list() } catch { throw SupervisorError(.keeper, error.message, underlying: error) }
    }

    private func foundProcess(_ record: ProcessRecord, gateway: GatewayConfiguration?) -> FoundProcess? {
        guard let id = InstanceID(record.specification.id) else { return nil }
        if let status = record.status {
            let termination = Termination(status, isOutOfMemory: record.isOutOfMemory)
            let fingerprint = record.specification.metadata[SpawnedProcess.Label.fingerprint]
            return FoundProcess(
                id: id, condition: .ended(termination, fingerprint: fingerprint),
                isEndTold: transitionLog.hasEnd(of: id, pid: Int(record.pid), startedAt: record.startedAt, "\(termination)"))
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
        return (try Self.parse(text, file: path), text)
    }

    private func readAppliedTopology() throws(SupervisorError) -> (topology: Topology, text: String)? {
        guard let bytes = try StateFile.read(directory.appliedTopology) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        return (try? Topology.parse(applied: text, file: directory.appliedTopology)).map { ($0, text) }
    }

    private static func parse(_ text: String, file: String) throws(SupervisorError) -> Topology {
        do { return try Topology.parse(text, file: file, contracts: ContractFiles.reader(beside: file)) } catch {
            let mistakes = error.mistakes
            throw SupervisorError(
                .invalidTopology(mistakes),
                "\(file) has \(mistakes.count) mistake\(mistakes.count == 1 ? "" : "s"); nothing was started or changed", underlying: error)
        }
    }

    private static func describe(_ error: SupervisorError) -> String {
        guard case .invalidTopology(let mistakes) = error.code else { return error.message }
        return mistakes.map { "\($0)" }.joined(separator: "; ")
    }

    /// Writes what is applied: the topology last, which is what a next supervisor goes by.
    func writing(applied supervised: SupervisedTopology) -> StateSaver.Write {
        let directory = directory
        return { () throws(SupervisorError) in
            if supervised.secrets != SecretHashes() || access(directory.secretHashes, F_OK) == 0 {
                let before = try? StateFile.read(directory.secretHashes)
                try StateFile.writeJSON(supervised.secrets, to: directory.secretHashes, mode: 0o600)
                do throws(SupervisorError) {
                    try StateFile.write(supervised.text.utf8, to: directory.appliedTopology, mode: 0o600)
                } catch {
                    if let before = before ?? nil { try? StateFile.write(before, to: directory.secretHashes, mode: 0o600) }
                    throw error
                }
            } else {
                try StateFile.write(supervised.text.utf8, to: directory.appliedTopology, mode: 0o600)
            }
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

    func work(
        out topology: Topology, text: String, ports: ServerPorts, secrets: SecretHashes
    ) throws(SupervisorError) -> SupervisedTopology {
        try SupervisedTopology(
            topology, text: text, ports: ports, passwords: passwords, secrets: secrets, directory: directory, configuration: configuration)
    }
}

extension SpawnedProcess {
    /// The words in which the supervisor labels a process for its own successor.
    enum Label {
        static let port = "port"
        static let fingerprint = "fingerprint"
        static let foundation = "foundation"
    }

    init(_ record: ProcessRecord) {
        self.init(
            pid: Int(record.pid), port: record.specification.metadata[Label.port].flatMap { Int($0) }, startedAt: record.startedAt,
            fingerprint: record.specification.metadata[Label.fingerprint] ?? "",
            foundation: record.specification.metadata[Label.foundation], isReadyNotified: record.isReadyNotified)
    }
}
