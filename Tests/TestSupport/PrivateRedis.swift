import ManagedServers

/// A real Redis for this test process alone.
package final class PrivateRedis: Sendable {
    package let port: Int
    package let password: String
    private let server: PrivateServer

    private static let sharedInstance = Once { try await PrivateRedis.start() }

    /// The one that all tests share: each uses keys of its own. Never to be killed: `start()` one for that.
    package static func shared() async throws -> PrivateRedis {
        try await sharedInstance.value
    }

    package static func start() async throws -> PrivateRedis {
        let redis = try await PrivateServer.offPool { try PrivateRedis() }
        try await redis.server.start()
        return redis
    }

    private init() throws {
        let port = freePort()
        let password = "test-\(UInt64.random(in: 0 ... .max))"
        let folder = try temporaryDirectory()
        let launch = try ManagedRedis.prepare(directory: "\(folder)/private cache", port: port, password: password)
        self.port = port
        self.password = password
        server = PrivateServer(name: "redis", folder: folder, launch: launch) { _ in
            // An error that asks for the password is an answer too.
            await Loopback.exchange(port: port, Array("PING\r\n".utf8)) != nil
        }
    }

    package var url: String { "redis://:\(password)@127.0.0.1:\(port)/0" }

    package func kill() async throws { try await server.kill() }

    package func stop() async throws { try await server.stop() }

    /// Starts it again, empty, on the same port; a no-op while it runs.
    package func restart() async throws { try await server.start() }

    package func processID() async -> Int32? { await server.processID }
}
