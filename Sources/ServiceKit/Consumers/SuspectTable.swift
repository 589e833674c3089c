/// Messages that may have ended the process that handled them: each of their attempts is noted before it is begun.
enum SuspectTable {
    /// Starts without an outcome, after which a message is given up.
    static let maximumStarts = 3

    static let migration = Migration(
        "signalbox 6 suspects",
        """
        CREATE TABLE signalbox_suspects (
            queue text NOT NULL,
            event_id text NOT NULL,
            starts integer NOT NULL,
            process text NOT NULL,
            started_at timestamptz NOT NULL,
            PRIMARY KEY (queue, event_id)
        )
        """)

    /// How often it was begun without an outcome, this time included. What one process begins again and again (because the database is
    /// away) counts once. Parameters: queue, event id, process, now.
    static let start = """
        INSERT INTO signalbox_suspects AS s (queue, event_id, starts, process, started_at) VALUES ($1, $2, 1, $3, $4)
        ON CONFLICT (queue, event_id) DO UPDATE
        SET starts = s.starts + CASE WHEN s.process = excluded.process THEN 0 ELSE 1 END, process = excluded.process,
            started_at = excluded.started_at
        RETURNING starts
        """

    /// There is an outcome. Parameters: queue, event id.
    static let delete = "DELETE FROM signalbox_suspects WHERE queue = $1 AND event_id = $2"

    /// It was not begun after all. Parameters: queue, event id.
    static let unstart = "UPDATE signalbox_suspects SET starts = starts - 1, process = '' WHERE queue = $1 AND event_id = $2"

    /// Rows that were left, because another delivery of the same message brought the outcome. Parameters: queue, started before.
    static let sweep = """
        DELETE FROM signalbox_suspects AS s USING signalbox_inbox AS i
        WHERE s.queue = $1 AND s.started_at < $2::timestamptz AND i.queue = s.queue AND i.event_id = s.event_id
        """
    /// No attempt takes so long and begins with the outcome of another.
    static let sweepAge: Duration = .seconds(30)
}
