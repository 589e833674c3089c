import Postgres

/// Events that are to be published later: their table in the service's schema, and all SQL that touches it.
enum ScheduledTable {
    /// Rows moved to the outbox at once.
    static let batchSize = 500

    static let migration = Migration(
        "signalbox 7 scheduled",
        """
        CREATE TABLE signalbox_scheduled (
            event_id text PRIMARY KEY,
            due_at timestamptz NOT NULL,
            type text NOT NULL,
            exchange text NOT NULL,
            routing_key text NOT NULL,
            headers jsonb NOT NULL,
            body bytea NOT NULL,
            ordering_key text NOT NULL
        );
        CREATE INDEX signalbox_scheduled_due ON signalbox_scheduled (due_at)
        """)

    static let insert = """
        INSERT INTO signalbox_scheduled (event_id, due_at, type, exchange, routing_key, headers, body, ordering_key)
        VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, $7, $8)
        """

    static func parameters(_ row: OutboxRow, due: Timestamp) -> [any PostgresEncodable] {
        [row.eventID, due, row.type, row.exchange, row.routingKey, row.headersJSON, row.body, row.orderingKey]
    }

    static let cancel = "DELETE FROM signalbox_scheduled WHERE event_id = $1"

    /// Parameters: now.
    static let move = """
        WITH due AS (
            DELETE FROM signalbox_scheduled WHERE event_id IN (
                SELECT event_id FROM signalbox_scheduled WHERE due_at <= $1::timestamptz ORDER BY due_at, event_id LIMIT \(batchSize)
                FOR UPDATE SKIP LOCKED)
            RETURNING *)
        INSERT INTO signalbox_outbox (event_id, type, exchange, routing_key, headers, body, ordering_key, created_at)
        SELECT event_id, type, exchange, routing_key, headers, body, ordering_key, $1::timestamptz FROM due ORDER BY due_at, event_id
        """

    /// Microseconds; null: there is none.
    static let nextDue = "SELECT (extract(epoch FROM min(due_at)) * 1000000)::bigint FROM signalbox_scheduled"
}
