import AMQP
import Postgres

/// Messages that wait in the service's own database: for their next attempt, behind an earlier one of their key, or for an instance that has
/// time for them. Of one key, the earliest is the head, and no other is handled.
enum WaitingTable {
    /// Rows a batch, and rows of one key, at most.
    static let batchSize = 48
    static let batchRowsOfKey = 8
    /// Between noting that a row is begun and locking it nobody else takes it for so long.
    static let leaseSeconds = 2
    /// Where counting them stops.
    static let countLimit = 10_000

    static let migration = Migration(
        "signalbox 5 waiting",
        """
        CREATE TABLE signalbox_waiting (
            position bigserial PRIMARY KEY,
            queue text NOT NULL,
            event_id text NOT NULL,
            key text NOT NULL,
            not_before timestamptz NOT NULL,
            attempts integer NOT NULL,
            starts integer NOT NULL DEFAULT 0,
            begun_at timestamptz,
            cause text,
            first_failed_at timestamptz,
            exchange text NOT NULL,
            routing_key text NOT NULL,
            properties text NOT NULL,
            body bytea NOT NULL,
            UNIQUE (queue, event_id)
        );
        CREATE INDEX signalbox_waiting_order ON signalbox_waiting (queue, key, position);
        CREATE INDEX signalbox_waiting_due ON signalbox_waiting (queue, not_before)
        """)

    static let dueMigration = Migration(
        "signalbox 8 waiting due",
        """
        DROP INDEX signalbox_waiting_due;
        CREATE INDEX signalbox_waiting_due ON signalbox_waiting (queue, not_before, position)
        """)

    /// Which of some keys and messages wait. Parameters: queue, keys, event ids.
    static let known = """
        SELECT key, event_id FROM signalbox_waiting WHERE queue = $1 AND key <> '' AND key = ANY($2::text[])
        UNION SELECT key, event_id FROM signalbox_waiting WHERE queue = $1 AND event_id = ANY($3::text[])
        """

    /// Puts them at the end, in this order; those of a key that waits are due when that is. One that waits already stays where it is.
    ///
    /// Parameters: queue, then arrays of: event ids, keys, not before, attempts, causes, first failed at, exchanges, routing keys,
    /// properties, bodies.
    static let append = """
        INSERT INTO signalbox_waiting (
            queue, event_id, key, not_before, attempts, cause, first_failed_at, exchange, routing_key, properties, body)
        SELECT $1, event_id, key,
            greatest(not_before, (
                SELECT max(before.not_before) FROM signalbox_waiting AS before
                WHERE before.queue = $1 AND before.key = added.key AND added.key <> '')),
            attempts, cause, first_failed_at, exchange, routing_key, properties, body
        FROM unnest(
            $2::text[], $3::text[], $4::timestamptz[], $5::integer[], $6::text[], $7::timestamptz[], $8::text[], $9::text[], $10::text[],
            $11::bytea[]
        ) WITH ORDINALITY AS added (
            event_id, key, not_before, attempts, cause, first_failed_at, exchange, routing_key, properties, body, place)
        ORDER BY place
        ON CONFLICT (queue, event_id) DO NOTHING
        """

    /// Rows that are looked at for heads among them.
    static let candidates = 200

    /// Takes due heads that nobody has in hand, then those right behind them, and notes that they are begun: should the process end before
    /// there is an outcome, that shows. It need not survive the database's own crash.
    ///
    /// Only heads among the first `candidates` due rows are found, so that a look costs the same however many wait behind them.
    ///
    /// Parameters: queue, now, how many, how many behind each head. Returns: position, key, starts.
    static let begin = begin(
        among: """
            SELECT position FROM signalbox_waiting AS w WHERE queue = $1 AND \(isFree) ORDER BY not_before, position LIMIT \(candidates)
            """)

    /// As `begin`, by way of all keys: for when those behind busy heads are all that `begin` sees.
    static let beginAmongAll = begin(
        among: """
            WITH RECURSIVE firsts AS (
                (SELECT key, position FROM signalbox_waiting WHERE queue = $1 AND key > '' ORDER BY key, position LIMIT 1)
                UNION ALL
                SELECT following.key, following.position FROM firsts, LATERAL (
                    SELECT key, position FROM signalbox_waiting WHERE queue = $1 AND key > firsts.key
                    ORDER BY key, position LIMIT 1) AS following)
            SELECT position FROM firsts
            UNION ALL
            (SELECT position FROM signalbox_waiting AS w WHERE queue = $1 AND key = '' AND \(isFree) ORDER BY position LIMIT \(candidates))
            """)

    private static let isFree = """
        w.not_before <= $2::timestamptz AND (w.begun_at IS NULL OR w.begun_at <= $2::timestamptz - interval '\(leaseSeconds) s'
            OR w.begun_at > $2::timestamptz + interval '\(leaseSeconds) s')
        """

    private static func begin(among candidates: String) -> String {
        """
        WITH candidates AS MATERIALIZED (
            \(candidates)
        ), heads AS (
            SELECT w.position, w.key FROM candidates JOIN signalbox_waiting AS w ON w.position = candidates.position
            WHERE \(isFree) AND (w.key = '' OR NOT EXISTS (
                SELECT 1 FROM signalbox_waiting AS earlier
                WHERE earlier.queue = $1 AND earlier.key = w.key AND earlier.position < w.position))
            ORDER BY w.position LIMIT $3 FOR UPDATE OF w SKIP LOCKED
        ), taken AS (
            SELECT position, 0 AS place FROM heads
            UNION ALL
            SELECT behind.position, behind.place FROM heads, LATERAL (
                SELECT position, row_number() OVER (ORDER BY position) AS place FROM signalbox_waiting AS w
                WHERE w.queue = $1 AND w.key = heads.key AND w.position > heads.position
                ORDER BY position LIMIT $4) AS behind
            WHERE heads.key <> ''
            ORDER BY place, position LIMIT $3
        )
        UPDATE signalbox_waiting AS w SET starts = w.starts + 1, begun_at = $2::timestamptz
        FROM taken, (SELECT set_config('synchronous_commit', 'off', true)) AS setting
        WHERE w.position = taken.position RETURNING w.position, w.key, w.starts
        """
    }

    private static let columns = """
        w.position, w.event_id, w.key, w.attempts, w.starts, (extract(epoch FROM w.first_failed_at) * 1000000)::bigint, w.exchange,
            w.routing_key, w.properties, w.body
        """

    /// Those of them that nobody else has begun since. Parameters: positions, starts.
    static let lock = """
        SELECT \(columns) FROM signalbox_waiting AS w
        JOIN unnest($1::bigint[], $2::integer[]) AS begun (position, starts) ON begun.position = w.position AND begun.starts = w.starts
        ORDER BY w.position FOR UPDATE OF w SKIP LOCKED
        """

    /// They were begun and not come to. Parameters: positions.
    static let unbegin = "UPDATE signalbox_waiting SET starts = greatest(starts - 1, 0), begun_at = NULL WHERE position = ANY($1::bigint[])"

    /// Parameters: position, not before, attempts, cause, first failed at.
    static let again = """
        UPDATE signalbox_waiting
        SET not_before = $2, attempts = $3, cause = $4, first_failed_at = $5, starts = 0, begun_at = NULL WHERE position = $1
        """

    /// Those behind it are not due before it is. Parameters: queue, key, position, not before.
    static let putOffBehind = """
        UPDATE signalbox_waiting SET not_before = $4::timestamptz
        WHERE queue = $1 AND key = $2 AND position > $3 AND not_before < $4::timestamptz
        """

    static let delete = "DELETE FROM signalbox_waiting WHERE position = ANY($1::bigint[])"

    /// When the next one is due (microseconds), how many wait, and how many are due (up to `candidates`). Parameters: queue, now.
    static let outlook = """
        SELECT (extract(epoch FROM min(not_before)) * 1000000)::bigint,
            (SELECT count(*) FROM (SELECT 1 FROM signalbox_waiting WHERE queue = $1 LIMIT \(countLimit)) AS counted),
            (SELECT count(*) FROM (
                SELECT 1 FROM signalbox_waiting WHERE queue = $1 AND not_before <= $2::timestamptz LIMIT \(candidates)) AS due)
        FROM signalbox_waiting WHERE queue = $1 AND not_before > $2::timestamptz
        """

    /// Parameters: queue, where counting stops.
    static let count = "SELECT count(*) FROM (SELECT 1 FROM signalbox_waiting WHERE queue = $1 LIMIT $2) AS counted"
}
