import Logging
import Postgres

/// Brings the service's schema up to date: each migration once, in order, by one instance at a time.
struct Migrator: Sendable {
    /// An applied migration, as the schema remembers it.
    struct Applied: Sendable, Equatable {
        var name: String
        var checksum: String
    }

    /// For one try, waiting for the database included.
    static let patience: Duration = .seconds(600)

    private static let lock = "SELECT pg_advisory_xact_lock(hashtextextended('signalbox.migrations:' || current_schema(), 0))"
    private static let table = """
        CREATE TABLE IF NOT EXISTS signalbox_migrations (
            name text PRIMARY KEY, checksum text NOT NULL, position integer NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())
        """

    let pool: PostgresPool
    let logger: Logger

    /// - Throws: `ServiceError` for a migration that changed after it was applied or that fails; a `PostgresError` when the database is away.
    func migrate(_ migrations: [Migration]) async throws {
        let names = try await pool.transaction(deadline: .now + Self.patience) { connection in
            guard try await connection.query("SELECT current_schema() IS NOT NULL AS found").first?.get("found", as: Bool.self) == true
            else {
                throw ServiceError(
                    .migration, "The database role's search_path names no schema that exists; the migrations have no place to go.")
            }
            _ = try await connection.query(Self.lock)
            // Asked for first, because CREATE … IF NOT EXISTS sends a notice for the log each time.
            if try await connection.query("SELECT to_regclass('signalbox_migrations') IS NULL AS missing").first?.get(
                "missing", as: Bool.self) == true
            {
                _ = try await connection.execute(Self.table)
            }
            let rows = try await connection.query("SELECT name, checksum FROM signalbox_migrations ORDER BY position")
            let applied = try rows.map {
                Applied(name: try $0.get("name", as: String.self), checksum: try $0.get("checksum", as: String.self))
            }
            let pending = try Self.pending(migrations, applied: applied)
            for (offset, migration) in pending.enumerated() {
                do {
                    try await connection.batch(script: migration.sql)
                } catch let error as PostgresError where !error.isDatabaseAway {
                    throw ServiceError(.migration, "Migration '\(migration.name)' failed; nothing of it was applied.", underlying: error)
                }
                _ = try await connection.execute(
                    "INSERT INTO signalbox_migrations (name, checksum, position) VALUES ($1, $2, $3)",
                    [migration.name, Self.checksum(migration.sql), applied.count + offset])
            }
            return pending.map(\.name)
        }
        if !names.isEmpty { logger.info("The schema is up to date", metadata: ["applied": "\(names.joined(separator: ", "))"]) }
    }

    /// Which are still to be applied. Those that the schema has and this service does not know belong to a newer version of it.
    ///
    /// - Throws: `ServiceError` for two of one name, for one that is not what was applied, and for one that comes before an applied one.
    static func pending(_ migrations: [Migration], applied: [Applied]) throws(ServiceError) -> [Migration] {
        var names: Set<String> = []
        var pending: [Migration] = []
        for migration in migrations {
            guard names.insert(migration.name).inserted else {
                throw ServiceError(.migration, "Two migrations are called '\(migration.name)'; each needs its own name.")
            }
            guard let record = applied.first(where: { $0.name == migration.name }) else {
                pending.append(migration)
                continue
            }
            guard record.checksum == checksum(migration.sql) else {
                throw ServiceError(
                    .migration,
                    "Migration '\(migration.name)' was changed after it had been applied. Restore its text, and write a new migration for the change."
                )
            }
            if let skipped = pending.first {
                throw ServiceError(
                    .migration,
                    "Migration '\(skipped.name)' stands before '\(migration.name)', which was applied already. New migrations go to the end."
                )
            }
        }
        return pending
    }

    /// FNV-1a, 64 bits: to notice a change, not to withstand an attack.
    static func checksum(_ sql: String) -> String {
        let hash = sql.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
