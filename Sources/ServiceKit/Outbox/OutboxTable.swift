/// The outbox's tables in the service's schema, and all SQL that touches them.
enum OutboxTable {
    /// Where counting the waiting events stops.
    static let countLimit = 10_000

    static let migration = Migration(
        "signalbox 1 outbox",
        """
        CREATE TABLE signalbox_outbox (
            id bigserial PRIMARY KEY,
            event_id text NOT NULL,
            type text NOT NULL,
            exchange text NOT NULL,
            routing_key text NOT NULL,
            headers jsonb NOT NULL,
            body bytea NOT NULL,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            attempts integer NOT NULL DEFAULT 0,
            not_before timestamptz
        );
        CREATE TABLE signalbox_outbox_parked (
            id bigint PRIMARY KEY,
            event_id text NOT NULL,
            type text NOT NULL,
            exchange text NOT NULL,
            routing_key text NOT NULL,
            headers jsonb NOT NULL,
            body bytea NOT NULL,
            created_at timestamptz NOT NULL,
            attempts integer NOT NULL,
            cause text NOT NULL,
            parked_at timestamptz NOT NULL DEFAULT clock_timestamp()
        )
        """)

    /// Few rows are ever put off, so that their index costs the others nothing.
    static let orderMigration = Migration(
        "signalbox 3 outbox order",
        """
        ALTER TABLE signalbox_outbox
            ADD COLUMN ordering_key text NOT NULL DEFAULT '',
            ADD COLUMN properties text,
            ADD COLUMN refusals integer NOT NULL DEFAULT 0;
        CREATE INDEX signalbox_outbox_put_off ON signalbox_outbox (ordering_key, id) WHERE not_before IS NOT NULL;
        ALTER TABLE signalbox_outbox_parked
            ADD COLUMN ordering_key text NOT NULL DEFAULT '',
            ADD COLUMN properties text,
            ADD COLUMN refusals integer NOT NULL DEFAULT 0
        """)

    static let insert = """
        INSERT INTO signalbox_outbox (event_id, type, exchange, routing_key, headers, body, ordering_key, properties, created_at)
        VALUES ($1, $2, $3, $4, $5::text::jsonb, $6, $7, $8, $9)
        """

    private static let columns = """
        id, event_id, type, exchange, routing_key, headers::text, body, ordering_key, properties, attempts, refusals,
            (extract(epoch FROM created_at) * 1000000)::bigint
        """

    /// Deletes confirmed rows and reads the next ones in their order.
    ///
    /// Parameters: ids to delete, ids that are not wanted (those to delete as well: the read does not see the deletion), now, ordering keys
    /// that are not wanted, how many.
    static let next = """
        WITH confirmed AS (DELETE FROM signalbox_outbox WHERE id = ANY($1::bigint[]))
        SELECT \(columns) FROM signalbox_outbox AS o
        WHERE id <> ALL($2::bigint[]) AND (not_before IS NULL OR not_before <= $3::timestamptz)
            AND (ordering_key = '' OR ordering_key <> ALL($4::text[]) AND NOT EXISTS (
                SELECT 1 FROM signalbox_outbox AS earlier
                WHERE earlier.ordering_key = o.ordering_key AND earlier.id < o.id AND earlier.not_before > $3::timestamptz))
        ORDER BY id LIMIT $5
        """

    static let delete = "DELETE FROM signalbox_outbox WHERE id = ANY($1::bigint[])"

    /// Parameters: id, attempts, refusals, not before.
    static let putOff = "UPDATE signalbox_outbox SET attempts = $2, refusals = $3, not_before = $4 WHERE id = $1"

    /// Parameters: id, attempts, cause, now.
    static let park = """
        WITH parked AS (DELETE FROM signalbox_outbox WHERE id = $1 RETURNING *)
        INSERT INTO signalbox_outbox_parked (
            id, event_id, type, exchange, routing_key, headers, body, created_at, attempts, ordering_key, properties, refusals, cause,
            parked_at)
        SELECT id, event_id, type, exchange, routing_key, headers, body, created_at, $2::integer, ordering_key, properties, refusals, $3,
            $4::timestamptz
        FROM parked
        """

    /// When the next one that was put off is due (microseconds), and since when the oldest waits. Parameters: now.
    static let outlook = """
        SELECT (extract(epoch FROM (SELECT min(not_before) FROM signalbox_outbox WHERE not_before > $1::timestamptz)) * 1000000)::bigint,
            (extract(epoch FROM (SELECT created_at FROM signalbox_outbox ORDER BY id LIMIT 1)) * 1000000)::bigint
        """

    static let count = "SELECT count(*) AS pending FROM (SELECT 1 FROM signalbox_outbox LIMIT \(countLimit)) AS waiting"

    /// One relay a schema: the lock's key is the schema's, not the database's.
    private static let lockKey = "hashtextextended('signalbox.relay:' || current_schema(), 0)"
    static let tryLock = "SELECT pg_try_advisory_lock(\(lockKey)) AS locked"
    static let unlock = "SELECT pg_advisory_unlock(\(lockKey)) AS unlocked"
}
