/// The outbox's tables in the service's schema, and all SQL that touches them.
enum OutboxTable {
    /// Events a batch. 1000 is hardly faster than this (facts: 100 rows 16.7k/s, 1000 rows 30.7k/s, both beyond the broker), and a batch is
    /// published again in full when the process dies within it.
    static let batchSize = 500
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

    static let insert = """
        INSERT INTO signalbox_outbox (event_id, type, exchange, routing_key, headers, body)
        VALUES ($1, $2, $3, $4, $5::text::jsonb, $6)
        """

    /// SKIP LOCKED lets a relay whose predecessor's last transaction is not over yet begin without waiting for it.
    static let take = """
        WITH taken AS (
            DELETE FROM signalbox_outbox WHERE id IN (
                SELECT id FROM signalbox_outbox WHERE not_before IS NULL OR not_before <= clock_timestamp()
                ORDER BY id LIMIT \(batchSize) FOR UPDATE SKIP LOCKED)
            RETURNING id, event_id, type, exchange, routing_key, headers, body, attempts, created_at)
        SELECT id, event_id, type, exchange, routing_key, headers::text AS headers, body, attempts,
            (extract(epoch FROM created_at) * 1000000)::bigint AS created_at
        FROM taken ORDER BY id
        """

    /// Parameters: id, event id, type, exchange, routing key, headers, body, created at (microseconds), attempts, pause (seconds).
    static let restore = """
        INSERT INTO signalbox_outbox (id, event_id, type, exchange, routing_key, headers, body, created_at, attempts, not_before)
        VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, $7, timestamptz 'epoch' + $8::bigint * interval '1 microsecond', $9,
            clock_timestamp() + $10::float8 * interval '1 second')
        """

    /// Parameters: as `restore`, with the cause in the pause's place.
    static let park = """
        INSERT INTO signalbox_outbox_parked (id, event_id, type, exchange, routing_key, headers, body, created_at, attempts, cause)
        VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, $7, timestamptz 'epoch' + $8::bigint * interval '1 microsecond', $9, $10)
        """

    static let count = "SELECT count(*) AS pending FROM (SELECT 1 FROM signalbox_outbox LIMIT \(countLimit)) AS waiting"

    /// One relay a schema: the lock's key is the schema's, not the database's.
    private static let lockKey = "hashtextextended('signalbox.relay:' || current_schema(), 0)"
    static let tryLock = "SELECT pg_try_advisory_lock(\(lockKey)) AS locked"
    static let unlock = "SELECT pg_advisory_unlock(\(lockKey)) AS unlocked"
}
