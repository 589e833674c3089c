import Logging
import Postgres

/// Which messages each queue's handler has done with, so that a second delivery has no second effect: `handled`, or `dead` where it rests
/// among the dead letters, from where it may be replayed.
enum Inbox {
    /// How long a second delivery is recognised: longer than an event can be scheduled ahead, or wait between two attempts.
    static let keptDays = 35
    static let pruneInterval: Duration = .seconds(3600)
    /// Rows a statement, so that no lock is held for long.
    static let pruneBatch = 1000
    /// On a dead letter that is sent back to its queue: a random id of this replay of this message.
    static let replayHeader = "signalbox-replay"

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

    static let outcomeMigration = Migration(
        "signalbox 4 inbox outcomes",
        """
        ALTER TABLE signalbox_inbox
            ADD COLUMN outcome text NOT NULL DEFAULT 'handled' CHECK (outcome IN ('handled', 'dead')),
            ADD COLUMN replay text
        """)

    /// Notes messages as handled, before they are: the ids of those that are new, or dead and replayed. While another transaction has one of
    /// them in hand, it waits for that one's end.
    ///
    /// Parameters: event ids, queue, now, replays (null: none).
    static let enter = """
        INSERT INTO signalbox_inbox (event_id, queue, handled_at, replay)
        SELECT event_id, $2, $3::timestamptz, replay FROM unnest($1::text[], $4::text[]) AS entering (event_id, replay)
        ON CONFLICT (event_id, queue) DO UPDATE SET outcome = 'handled', handled_at = excluded.handled_at, replay = excluded.replay
        WHERE signalbox_inbox.outcome = 'dead' AND excluded.replay IS NOT NULL AND signalbox_inbox.replay IS DISTINCT FROM excluded.replay
        RETURNING event_id
        """

    /// They came to no end in this transaction. Parameters: queue, event ids.
    static let leave = "DELETE FROM signalbox_inbox WHERE queue = $1 AND event_id = ANY($2::text[])"

    /// As `leave`, for replayed ones: they are dead still.
    static let leaveDead = "UPDATE signalbox_inbox SET outcome = 'dead', replay = NULL WHERE queue = $1 AND event_id = ANY($2::text[])"

    /// Parameters: event id, queue.
    static let markDead = "UPDATE signalbox_inbox SET outcome = 'dead' WHERE event_id = $1 AND queue = $2"

    /// Parameters: now. Dead ones stay: as long as they may be replayed.
    static let prune = """
        DELETE FROM signalbox_inbox WHERE (event_id, queue) IN (
            SELECT event_id, queue FROM signalbox_inbox
            WHERE handled_at < $1::timestamptz - interval '\(keptDays) days' AND outcome = 'handled'
            ORDER BY handled_at LIMIT \(pruneBatch) FOR UPDATE SKIP LOCKED)
        """

    /// Forgets old events, again and again until the task is cancelled.
    static func keepPruned(_ pool: PostgresPool, clock: ServiceClock, logger: Logger) async {
        while !Task.isCancelled {
            do {
                var isFull = true
                while isFull && !Task.isCancelled {
                    let count = try await pool.withConnection(deadline: .now + Database.queryPatience) {
                        try await $0.execute(prune, [clock.timestamp])
                    }
                    isFull = count == pruneBatch
                }
            } catch {
                logger.debug("The inbox could not be pruned; it is tried again in an hour", metadata: ["error": "\(error)"])
            }
            await clock.rest(for: pruneInterval.jittered)
        }
    }
}
