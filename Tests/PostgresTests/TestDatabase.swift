import Logging
import Postgres
import TestSupport

/// A pool on a database of its own in the shared server.
struct TestDatabase {
    let pool: PostgresPool
    let url: String

    static func make(maximumConnections: Int = 8) async throws -> TestDatabase {
        let server = try await PrivatePostgreSQL.shared()
        let name = "test_\(UInt64.random(in: 0 ... .max))"
        let administration = try pool(server.url, maximumConnections: 1)
        try await administration.withConnection(deadline: .soon) { _ = try await $0.execute("CREATE DATABASE \(name)") }
        await administration.close()
        let url = server.url(database: name)
        return TestDatabase(pool: try pool(url, maximumConnections: maximumConnections), url: url)
    }

    static func pool(_ url: String, maximumConnections: Int = 8) throws -> PostgresPool {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return try PostgresPool(url: url, maximumConnections: maximumConnections, applicationName: "signalbox tests", logger: logger)
    }

    func query(_ sql: String, _ parameters: [any PostgresEncodable] = []) async throws -> [PostgresRow] {
        try await pool.withConnection(deadline: .soon) { try await $0.query(sql, parameters) }
    }

    @discardableResult
    func execute(_ sql: String, _ parameters: [any PostgresEncodable] = []) async throws -> Int {
        try await pool.withConnection(deadline: .soon) { try await $0.execute(sql, parameters) }
    }
}

extension ContinuousClock.Instant {
    /// Far enough for a busy machine.
    static var soon: Self { .now + .seconds(60) }
}
