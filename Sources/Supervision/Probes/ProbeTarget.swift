/// Whom a probe asks.
struct ProbeTarget: Sendable {
    static let host = "127.0.0.1"

    /// Nil: it has no port of its own.
    var port: Int?
    /// For commands: what the process itself was handed.
    var environment: [String: String]
    /// The rest of that, which may have to be read from a disk that does not answer.
    var secrets: ProbeSecrets?
    /// For commands and relative paths.
    var workingDirectory: String
    /// For sockets of the topology, whose relative paths begin there.
    var stateDirectory: String
    /// For commands; nil: our own.
    var user: String?
    var group: String?
    /// For round trips.
    var server: @Sendable () async -> ProbeAnswer

    init(
        port: Int?, environment: [String: String] = [:], workingDirectory: String = "/", stateDirectory: String = "/", user: String? = nil,
        group: String? = nil, server: @escaping @Sendable () async -> ProbeAnswer = { .failure("it is no server") }
    ) {
        self.port = port
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.stateDirectory = stateDirectory
        self.user = user
        self.group = group
        self.server = server
    }

    /// Blocks for as long as the disk takes.
    var wholeEnvironment: [String: String] {
        guard let secrets else { return environment }
        return environment.merging(secrets.values) { _, secret in secret }
    }
}
