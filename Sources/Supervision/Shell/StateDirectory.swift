import Glibc
import TraceStore

/// Where everything lies that outlives a process.
struct StateDirectory: Sendable {
    /// Unix sockets have paths of at most 107 bytes, and theirs begin with this one.
    static let maximumLength = 80

    let path: String

    init(path: String) { self.path = path }

    var appliedTopology: String { "\(path)/applied.yaml" }
    var secrets: String { "\(path)/secrets" }
    var logs: String { "\(path)/logs" }
    /// Every transition, and older ones in `.1` …
    var audit: String { "\(path)/audit.jsonl" }
    /// The spans of all services; bounded by `TraceSweeper`.
    var traces: String { "\(path)/traces" }
    /// Edits of dead letters, and which of them are being sent back.
    var deadLetters: String { "\(path)/dead-letters" }
    var gatewayConfiguration: String { "\(path)/run/gateway.json" }
    var serverPorts: String { "\(path)/servers.json" }
    /// What the reducer remembers.
    var remembered: String { "\(path)/remembered.json" }
    /// Topologies before the applied one, to which services may have to go back.
    var previousDeclarations: String { "\(path)/previous.json" }
    /// Keyed hashes of the secrets that services were last applied with.
    var secretHashes: String { "\(path)/secrets/applied.json" }

    /// The same for both of an instance's slots.
    func logFile(of id: InstanceID) -> String { "\(logs)/\(id.service).\(id.number).log" }

    func make() throws(SupervisorError) {
        guard path.utf8.count <= Self.maximumLength else {
            throw SupervisorError(
                .stateDirectory,
                "the state directory's path has \(path.utf8.count) bytes, at most \(Self.maximumLength) are possible: \(path). "
                    + "Name a shorter one with --state-dir")
        }
        for (folder, mode) in [(path, 0o711), (secrets, 0o700), (logs, 0o750), ("\(path)/run", 0o711), ("\(path)/mail", 0o711)] {
            try Self.makeFolder(folder, mode: mode_t(mode))
        }
        // Only root starts services as other users.
        try Self.makeFolder(traces, mode: getuid() == 0 ? TraceFolder.sharedMode : TraceFolder.ownMode)
    }

    /// A managed server's folder. Where the server's system user could not reach the state directory, the folder lies in /var/lib/signalbox, and
    /// a symbolic link in the state directory leads there.
    func serverFolder(_ server: String, topology: String) throws(SupervisorError) -> String {
        let folder = "\(path)/\(server)"
        if let resolved = realpath(folder, nil) {
            defer { free(resolved) }
            return String(cString: resolved)
        }
        guard getuid() == 0, !Self.isReachableByAll(path) else { return folder }
        let elsewhere = "/var/lib/signalbox/\(topology)-\(Fingerprint.of([path]))/\(server)"
        var parent = ""
        for part in elsewhere.split(separator: "/") {
            parent += "/\(part)"
            try Self.makeFolder(parent, mode: parent == elsewhere ? 0o700 : 0o711, isOurs: parent.hasPrefix("/var/lib/signalbox"))
        }
        // One that leads nowhere is in the way.
        unlink(folder)
        guard symlink(elsewhere, folder) == 0 else { throw Self.failure("make the symbolic link", folder) }
        return elsewhere
    }

    private static func isReachableByAll(_ path: String) -> Bool {
        var folder = ""
        for part in path.split(separator: "/") {
            folder += "/\(part)"
            var status = stat()
            guard stat(folder, &status) == 0, status.st_mode & 0o001 != 0 else { return false }
        }
        return true
    }

    private static func makeFolder(_ path: String, mode: mode_t, isOurs: Bool = true) throws(SupervisorError) {
        if mkdir(path, mode) == 0 {
            guard chmod(path, mode) == 0 else { throw failure("set the mode of", path) }
            return
        }
        guard errno == EEXIST else { throw failure("make the folder", path) }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw SupervisorError(.stateDirectory, "\(path) is in the way: a folder is needed there")
        }
        if isOurs && status.st_uid == getuid() && status.st_mode & 0o7777 != mode { chmod(path, mode) }
    }

    private static func failure(_ what: String, _ path: String) -> SupervisorError {
        SupervisorError(.stateDirectory, "cannot \(what) \(path): \(String(cString: strerror(errno)))")
    }
}
