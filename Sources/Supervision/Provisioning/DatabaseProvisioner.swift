import Logging
import Postgres
import Topology

/// Makes the topology's database, and in it a role and a schema for each service that uses it. What is there already stays; nothing is dropped.
///
/// A service's role owns its schema and finds only that by its search path; it may connect to this database alone, and sees nothing of
/// another service's schema.
struct DatabaseProvisioner {
    /// Of everyone who provisions this server: two at once would collide in the catalogue.
    private static let lockKey = 7_465_223_001

    let servers: Servers
    let pool: PostgresPool
    let isManaged: Bool
    let logger: Logger

    func provision() async throws {
        guard let address = servers.database else { return }
        let services = servers.databasePasswords.keys.sorted()
        let owner = try await makeDatabaseAndRoles(address.path, services: services)
        guard isManaged else {
            return try await pool.transaction(deadline: deadline) { try await makeSchemas(services, owner: owner, on: $0) }
        }
        let inside = try PostgresPool(
            url: address.url, maximumConnections: 1, applicationName: "signalbox supervisor", logger: logger)
        do {
            try await inside.transaction(deadline: deadline) { try await makeSchemas(services, owner: owner, on: $0) }
        } catch {
            await inside.close()
            throw error
        }
        await inside.close()
    }

    private var deadline: ContinuousClock.Instant { .now + ServerClients.stepLimit }

    /// - Returns: the name of the role that we are.
    private func makeDatabaseAndRoles(_ database: String, services: [String]) async throws -> String {
        try await pool.withConnection(deadline: deadline) { connection in
            let user = try await connection.query("SELECT current_user::text AS name")
            let owner = try user.first?.get("name", as: String.self) ?? Servers.databaseSuperuser
            let quotedDatabase = DatabaseNames.quoted(database)
            if isManaged {
                if try await connection.query("SELECT 1 FROM pg_database WHERE datname = $1", [database]).isEmpty {
                    // Not in a transaction: CREATE DATABASE refuses that.
                    _ = try await connection.execute("CREATE DATABASE \(quotedDatabase)")
                }
                for other in ["postgres", "template1"] {
                    _ = try await connection.execute("REVOKE CONNECT, TEMPORARY ON DATABASE \(DatabaseNames.quoted(other)) FROM PUBLIC")
                }
            }
            for service in services {
                guard let password = servers.databasePasswords[service], let role = servers.databaseRoles[service] else { continue }
                try await makeRole(role, password: password, on: connection)
            }
            // A database that was there before us may have other users.
            if isManaged { _ = try await connection.execute("REVOKE ALL ON DATABASE \(quotedDatabase) FROM PUBLIC") }
            for role in services.compactMap({ servers.databaseRoles[$0] }).map(DatabaseNames.quoted) {
                _ = try await connection.execute("GRANT CONNECT, TEMPORARY ON DATABASE \(quotedDatabase) TO \(role)")
            }
            return owner
        }
    }

    private func makeRole(_ name: String, password: String, on connection: PostgresConnection) async throws(PostgresError) {
        let role = DatabaseNames.quoted(name)
        let exists = try await !connection.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [name]).isEmpty
        let rights = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
        // The password stays out of the server's log of statements that fail: it has none of our secrets then.
        try await connection.batch(
            script: """
                SET log_min_error_statement = panic;
                \(exists ? "ALTER" : "CREATE") ROLE \(role) \(isManaged ? rights : "LOGIN") PASSWORD \(DatabaseNames.literal(password));
                RESET log_min_error_statement;
                """)
        if try await connection.query(
            "SELECT 1 FROM pg_roles WHERE rolname = $1 AND rolconfig @> ARRAY['search_path=' || $2]", [name, role]
        ).isEmpty {
            _ = try await connection.execute("ALTER ROLE \(role) SET search_path = \(role)")
        }
    }

    private func makeSchemas(_ services: [String], owner: String, on connection: PostgresConnection) async throws {
        _ = try await connection.query("SELECT pg_advisory_xact_lock($1)", [Self.lockKey])
        if isManaged { _ = try await connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC") }
        for name in services.compactMap({ servers.databaseRoles[$0] }) {
            let role = DatabaseNames.quoted(name)
            if try await connection.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", [name]).isEmpty {
                // Whoever is no superuser may give a schema only to a role of his own.
                if !isManaged { _ = try await connection.execute("GRANT \(role) TO \(DatabaseNames.quoted(owner))") }
                _ = try await connection.execute("CREATE SCHEMA \(role) AUTHORIZATION \(role)")
            }
            _ = try await connection.execute("REVOKE ALL ON SCHEMA \(role) FROM PUBLIC")
        }
    }
}
