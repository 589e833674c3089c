import ManagedServers

/// A real PostgreSQL for this test process alone; not safe against a crash of the host, for speed.
package final class PrivatePostgreSQL: Sendable {
    package let port: Int
    package let password: String
    private let server: PrivateServer

    private static let sharedInstance = Once { try await PrivatePostgreSQL.start() }

    /// The one that all tests share: each makes tables or a database of its own. Never to be killed: `start()` one for that.
    package static func shared() async throws -> PrivatePostgreSQL {
        try await sharedInstance.value
    }

    /// A new one, which takes a second or two.
    package static func start() async throws -> PrivatePostgreSQL {
        let database = try await PrivateServer.offPool { try PrivatePostgreSQL() }
        try await database.server.start()
        return database
    }

    private init() throws {
        let port = freePort()
        let password = "test-\(UInt64.random(in: 0 ... .max))"
        let folder = try temporaryDirectory()
        let launch = try ManagedPostgreSQL.prepare(
            directory: "\(folder)/private database", port: port, superuserPassword: password, durability: .disposable)
        self.port = port
        self.password = password
        server = PrivateServer(name: "postgres", folder: folder, launch: launch) { process in
            // Line 8 is the server's state, as pg_ctl reads it; line 1 tells whether the file is a killed predecessor's.
            let lines =
                readFile("\(folder)/private database/data/postmaster.pid")?.split(separator: "\n", omittingEmptySubsequences: false) ?? []
            return lines.count >= 8 && lines[0] == "\(process)" && lines[7].hasPrefix("ready")
        }
    }

    /// As the superuser in the database "postgres".
    package var url: String { url(database: "postgres") }

    package func url(database: String) -> String {
        "postgres://postgres:\(password)@127.0.0.1:\(port)/\(database)"
    }

    /// SIGKILL to the postmaster; its backends end by themselves.
    package func kill() async throws { try await server.kill() }

    /// 'Fast' shutdown: clients are disconnected.
    package func stop() async throws { try await server.stop() }

    /// Starts it again on the same port with the same data; a no-op while it runs.
    package func restart() async throws { try await server.start() }

    package func processID() async -> Int32? { await server.processID }
}
