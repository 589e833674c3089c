import Logging
import Postgres

/// Which events each queue's handler has committed, so that a second delivery has no second effect.
enum Inbox {
    /// How long a second delivery is recognised.
    static let keptDays = 7
    static let pruneInterval: Duration = .seconds(3600)
    /// Rows a statement, so that no lock is held for long.
    static let pruneBatch = 1000

    static let migration = Migration(
        "signalbox 2 inbox",
        """
        CREATE TABLE signalbox_inbox (
            event_id text NOT NULL,
            queue text NOT NULL,
            handled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            PRIMARY KEY (event_id, queue)
        );
        CREATE INDEX signalbox_inbox_handled_at ON signalbox_inbox (handled_at)
        """)

    /// One row when the event is new. While another transaction handles the same event, it waits for that one's end.
    static let insert = "INSERT INTO signalbox_inbox (event_id, queue) VALUES ($1, $2) ON CONFLICT DO NOTHING"

    static let prune = """
        DELETE FROM signalbox_inbox WHERE (event_id, queue) IN (
            SELECT event_id, queue FROM signalbox_inbox WHERE handled_at < clock_timestamp() - interval '\(keptDays) days'
            ORDER BY handled_at LIMIT \(pruneBatch) FOR UPDATE SKIP LOCKED)
        """

    /// Forgets old events, again and again until the task is cancelled.
    static func keepPruned(_ pool: PostgresPool, logger: Logger) async {
        while !Task.isCancelled {
            do {
                var isFull = true
                while isFull && !Task.isCancelled {
                    let count = try await pool.withConnection(deadline: .now + Database.queryPatience) { try await $0.execute(prune) }
                    isFull = count == pruneBatch
                }
            } catch {
                logger.debug("The inbox could not be pruned; it is tried again in an hour", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: pruneInterval.jittered)
        }
    }
}
