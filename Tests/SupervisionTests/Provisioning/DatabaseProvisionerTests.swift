import Logging
import Postgres
@testable import Supervision
import TestSupport
import Testing
import Topology

/// Against a real PostgreSQL.
@Suite(.timeLimit(.minutes(2)))
struct DatabaseProvisionerTests {
    @Test func eachServiceHasARoleAndASchemaOfItsOwnAndNothingElse() async throws {
        let server = try await PrivatePostgreSQL.start()
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let topology = Topology(
            name: "my-shop", database: .managed,
            services: ["order", "pay-ment"].map { Service(name: $0, command: ["x"], dependsOn: [Dependency(name: "database")]) })
        let secrets = SecretStore(folder: folder)
        var servers = try Servers(of: topology, ports: ServerPorts(database: server.port), secrets: secrets, environment: [:], folder: "/")
        servers.database?.password = server.password
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let pool = try PostgresPool(url: server.url, maximumConnections: 2, applicationName: "test", logger: logger)
        let provisioner = DatabaseProvisioner(servers: servers, pool: pool, isManaged: true, logger: logger)
        // Twice: the second time there is nothing to do, and nothing fails.
        for _ in 0..<2 { try await provisioner.provision() }
        await pool.close()

        let url = try #require(servers.databaseURL(of: "pay-ment"))
        #expect(url.hasSuffix("@127.0.0.1:\(server.port)/my_shop"))
        let own = try PostgresPool(url: url, maximumConnections: 1, applicationName: "test", logger: logger)
        try await own.withConnection(deadline: .now + .seconds(10)) { connection in
            let row = try await connection.query("SELECT current_schema()::text AS schema").first
            #expect(try row?.get("schema", as: String.self) == "pay-ment")
            _ = try await connection.execute("CREATE TABLE things (id int)")
            for statement in [
                "CREATE TABLE public.things (id int)", "CREATE TABLE \"order\".things (id int)", "CREATE SCHEMA another",
                "CREATE ROLE another",
            ] {
                await #expect(throws: PostgresError.self, "\(statement)") { try await connection.execute(statement) }
            }
        }
        await own.close()
        let elsewhere = try PostgresPool(
            url: url.replacing("/my_shop", with: "/postgres"), maximumConnections: 1, applicationName: "test", logger: logger)
        await #expect(throws: PostgresError.self) {
            try await elsewhere.withConnection(deadline: .now + .seconds(5)) { _ = try await $0.query("SELECT 1") }
        }
        await elsewhere.close()
        try await server.stop()
    }
}
