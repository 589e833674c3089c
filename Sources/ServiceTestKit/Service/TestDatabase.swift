public import Postgres
internal import Logging
internal import TestSupport

/// A database of a test's own, empty at first.
public struct TestDatabase: Sendable {
    static let patience: Duration = .seconds(30)

    public let url: String
    /// For looking into it.
    public let pool: PostgresPool
    private let serverURL: String
    private let name: String

    /// On a private PostgreSQL, which is started for the test process when it is first asked for (a second or two) and ends with it.
    /// - Throws: where Debian's `postgresql` package is not there.
    public init() async throws {
        let server = try await PrivatePostgreSQL.shared()
        try await self.init(server: server.url)
    }

    /// On a server that runs already.
    /// - Parameter url: `postgres://role:password@host:port/database`, of a role that may create databases.
    public init(server url: String) async throws {
        serverURL = url
        name = "test_\(UInt64.random(in: 0 ... .max))"
        try await Self.administer(url, "CREATE DATABASE \(name)")
        guard let slash = url.lastIndex(of: "/") else {
            throw TestKitError("'\(url.prefix { $0 != ":" })…' is no database's URL; expected postgres://role:password@host:port/database")
        }
        let options = url[slash...].firstIndex(of: "?").map { url[$0...] } ?? ""
        self.url = "\(url[...slash])\(name)\(options)"
        pool = try PostgresPool(url: self.url, maximumConnections: 2, applicationName: "test", logger: .silent)
    }

    /// The first column of the first row; nil without one.
    public func value<Value: PostgresDecodable>(
        _ sql: String, _ parameters: [any PostgresEncodable] = [], as type: Value.Type = Value.self
    ) async throws -> Value? {
        try await pool.withConnection(deadline: .now + Self.patience) {
            try await $0.query(sql, parameters).first?.get(0, as: Value.self)
        }
    }

    /// Removes it, with whoever is still connected.
    public func drop() async throws {
        await pool.close()
        try await Self.administer(serverURL, "DROP DATABASE \(name) WITH (FORCE)")
    }

    private static func administer(_ url: String, _ sql: String) async throws {
        let pool = try PostgresPool(url: url, maximumConnections: 1, applicationName: "test", logger: .silent)
        do {
            _ = try await pool.withConnection(deadline: .now + patience) { try await $0.execute(sql) }
        } catch {
            await pool.close()
            throw error
        }
        await pool.close()
    }
}

extension Logger {
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
