/// Whom a probe asks.
struct ProbeTarget: Sendable {
    static let host = "127.0.0.1"

    /// Nil: it has no port of its own.
    var port: Int?
    /// For commands: what the process itself was handed.
    var environment: [String: String]
    var workingDirectory: String
    /// For round trips.
    var server: @Sendable () async -> ProbeAnswer

    init(
        port: Int?, environment: [String: String] = [:], workingDirectory: String = "/",
        server: @escaping @Sendable () async -> ProbeAnswer = { .failure("it is no server") }
    ) {
        self.port = port
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.server = server
    }
}
