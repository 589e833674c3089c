import AMQP
import Logging
import Postgres

/// Brings events from the outbox to the broker, in the order of their ids, by one instance of the service at a time, and scheduled ones to
/// the outbox when they are due.
///
/// That one holds an advisory lock on the connection by which it reads and deletes. It reads rows, publishes them within the window, and
/// deletes those that are confirmed, all three at the same time; no transaction is held open over the broker's answers. Killed before a
/// row is deleted, the event is published again under the same id, and the inboxes recognise it.
struct OutboxRelay: Sendable {
    /// How often to look without being woken: for commits of other instances, and for a leader that is gone.
    static let pollInterval: Duration = .seconds(1)
    static let confirmPatience: Duration = .seconds(10)
    /// How long a relay keeps its connection: its statements' deadline. Then it competes again, mostly to be the leader again.
    static let term: Duration = .seconds(120)
    /// Before the term's end no more is sent.
    static let termMargin: Duration = .seconds(30)
    /// Publishes that the broker has not confirmed; the publisher's window.
    static let window = 256
    /// Rows a read.
    static let readSize = 512

    /// A connection of its own.
    let pool: PostgresPool
    let publisher: any MessagePublishing
    let service: String
    let purge: CachePurge?
    let signal: RelaySignal
    let doorbell: Doorbell
    /// Triggered at shutdown, when nothing is written any more: relay what is there and return.
    let finishing: Latch
    let clock: ServiceClock
    let metrics: Metrics
    let logger: Logger

    /// Runs until `finishing` and the outbox is empty (or another's to empty), or the task is cancelled.
    func run() async {
        var backoff = Backoff()
        while !Task.isCancelled {
            do {
                let end = ContinuousClock.now + Self.term
                try await pool.withConnection(deadline: end) { connection in
                    try await compete(on: connection, until: end - Self.termMargin)
                }
                if finishing.isTriggered { return }
                backoff.reset()
            } catch {
                metrics.set(.leading, to: 0)
                guard !Task.isCancelled else { return }
                logger.warning("The relay lost the database and tries again", metadata: ["error": "\(error)"])
                await finishing.wait(atMost: backoff.next().jittered, clock: clock)
                if finishing.isTriggered { return }
            }
        }
    }

    /// Returns when the time is over, or there is nothing left to do at shutdown.
    private func compete(on connection: PostgresConnection, until end: ContinuousClock.Instant) async throws {
        // The session of a host that lost its power must not keep the lock for the two hours of Linux's own keepalive. And a deletion that
        // the database forgets when it crashes is no loss: the inboxes recognise what is published again.
        for setting in [
            "tcp_keepalives_idle = 10", "tcp_keepalives_interval = 5", "tcp_keepalives_count = 3", "synchronous_commit = off",
        ] {
            _ = try await connection.execute("SET \(setting)")
        }
        while true {
            // The leader may be in another process, and what woke this one a commit of its own.
            doorbell.ring()
            let isLeader = try await connection.query(OutboxTable.tryLock).first?.get("locked", as: Bool.self) ?? false
            if isLeader {
                try await lead(on: connection, until: end)
                _ = try? await connection.query(OutboxTable.unlock)
                return
            }
            if finishing.isTriggered || .now > end || Task.isCancelled { return }
            await signal.wait(atMost: Self.pollInterval, clock: clock)
            _ = signal.takeCommits()
            _ = signal.takeSchedule()
        }
    }

    private func lead(on connection: PostgresConnection, until end: ContinuousClock.Instant) async throws {
        logger.info("This instance relays the outbox")
        metrics.set(.leading, to: 1)
        defer {
            metrics.set(.leading, to: 0)
            doorbell.stopListening()
        }
        _ = signal.takeAnswers()
        var leadership = OutboxLeadership(now: clock.timestamp)
        while !Task.isCancelled {
            // Until it succeeds: the leader before may not have let go of the name yet.
            doorbell.listen { [signal] in signal.wake() }
            if let failure = leadership.settle(signal.takeAnswers()) {
                logger.error("The broker did not take the outbox's events, which stay", metadata: ["error": "\(failure)"])
            }
            let isEnding = .now >= end
            if isEnding { leadership.pipeline.dropWaiting() }
            if signal.takeSchedule() { leadership.scheduleMayHaveMore() }
            if signal.takeCommits() { leadership.mayHaveMore() }
            leadership.turned(at: clock.timestamp, real: .now)
            try await work(on: connection, &leadership, isEnding: isEnding)
            if leadership.pipeline.isEmpty, isEnding || finishing.isTriggered && !leadership.wantsRead && !leadership.mayHaveUnread {
                return
            }
            guard !leadership.hasWork(isEnding: isEnding) else { continue }
            if !isEnding, let rest = leadership.gatheringRest(real: .now) {
                try? await Task.sleep(for: rest)
            } else {
                await signal.wait(atMost: leadership.pause(now: clock.timestamp, longest: Self.pollInterval), clock: clock)
            }
        }
    }

    /// One turn: what changed goes to the table, what is due comes out of it and to the broker.
    private func work(on connection: PostgresConnection, _ leadership: inout OutboxLeadership, isEnding: Bool) async throws {
        let now = clock.timestamp
        try await carryOutChanges(on: connection, &leadership, now: now)
        if leadership.isScheduleDue, !isEnding {
            if try await connection.execute(ScheduledTable.move, [now]) > 0 { leadership.mayHaveMore() }
            let next = try await connection.query(ScheduledTable.nextDue).first?.get(0, as: Int64?.self) ?? nil
            leadership.scheduleRead(next: next.map { Timestamp(microseconds: $0) })
        }
        let confirmed = leadership.pipeline.confirmed
        if leadership.wantsRead, !isEnding {
            let limit = min(leadership.pipeline.room, Self.readSize)
            let pipeline = leadership.pipeline
            let rows = try await connection.query(
                OutboxTable.next, [confirmed.map(\.id), pipeline.heldIDs, now, pipeline.fullKeys, limit]
            ).map { try OutboxRow($0) }
            leadership.pipeline.deleted(confirmed)
            leadership.read(rows, isAll: rows.count < limit, real: .now)
            await purge?.purge(before: rows)
        } else if !confirmed.isEmpty {
            _ = try await connection.execute(OutboxTable.delete, [confirmed.map(\.id)])
            leadership.pipeline.deleted(confirmed)
        }
        if leadership.isOutlookDue {
            let row = try await connection.query(OutboxTable.outlook, [now]).first
            let nextDue = try row?.get(0, as: Int64?.self) ?? nil
            leadership.outlook(nextDue: nextDue.map { Timestamp(microseconds: $0) }, at: now)
            let oldest = (try row?.get(1, as: Int64?.self) ?? nil) ?? now.microseconds
            metrics.set(.oldest, to: Duration.microseconds(max(0, now.microseconds - oldest)).inSeconds)
        }
        report(confirmed, now: now)
        guard !isEnding, !leadership.isAway else { return }
        await publish(leadership.pipeline.takeReady())
    }

    private func carryOutChanges(on connection: PostgresConnection, _ leadership: inout OutboxLeadership, now: Timestamp) async throws {
        let (putOffs, parkings) = (leadership.pipeline.putOffs, leadership.pipeline.parkings)
        guard !putOffs.isEmpty || !parkings.isEmpty else { return }
        for putOff in putOffs {
            let due = now.advanced(by: putOff.pause.jittered)
            _ = try await connection.execute(OutboxTable.putOff, [putOff.row.id, putOff.row.attempts, putOff.row.refusals, due])
            leadership.putOff(until: due)
        }
        for parking in parkings {
            _ = try await connection.execute(OutboxTable.park, [parking.row.id, parking.row.attempts, parking.cause.storable, now])
        }
        leadership.pipeline.putOffAndParked()
        report(putOffs, parkings)
    }

    /// The broker gets them in this order.
    private func publish(_ rows: [OutboxRow]) async {
        guard !rows.isEmpty else { return }
        let now = clock.timestamp
        let spans = rows.map { PublicationSpan($0, now: now) }
        let batch = zip(rows, spans).map { row, span in
            var row = row
            if let span { row.headers[EventCodec.traceparent] = .string(span.traceparent) }
            return AMQPPublication(row.message(service: service), exchange: row.exchange, routingKey: row.routingKey)
        }
        let ids = rows.map(\.id)
        await publisher.publish(batch, deadline: .now + Self.confirmPatience) { [signal] outcomes in
            for outcome in outcomes { spans[outcome.index]?.end(outcome.error) }
            signal.answered(outcomes.map { (ids[$0.index], OutboxResult($0.error)) })
        }
    }

    private func report(_ confirmed: [OutboxRow], now: Timestamp) {
        for row in confirmed {
            metrics.add(.relayed, [row.type])
            metrics.observe(.relaySeconds, [], row.age(at: now))
        }
    }

    private func report(_ putOffs: [OutboxPipeline.PutOff], _ parkings: [OutboxPipeline.Parking]) {
        for putOff in putOffs {
            metrics.add(.unroutable, [putOff.row.type])
            logger.error(
                "The broker did not take an event, which is tried again; those of its subject wait behind it",
                metadata: putOff.row.logMetadata.merging(
                    ["cause": "\(putOff.cause)", "pause_seconds": "\(putOff.pause.inSeconds)"]) { $1 })
        }
        for parking in parkings {
            metrics.add(.unroutable, [parking.row.type])
            metrics.add(.parked, [parking.row.type])
            logger.critical(
                "No queue took an event in \(OutboxPipeline.maximumAttempts) attempts; it rests in signalbox_outbox_parked",
                metadata: parking.row.logMetadata.merging(["cause": "\(parking.cause)"]) { $1 })
        }
    }
}

extension OutboxRow {
    fileprivate var logMetadata: Logger.Metadata {
        ["event": "\(eventID)", "type": "\(type)", "exchange": "\(exchange)", "routing_key": "\(routingKey)", "attempts": "\(attempts)"]
    }
}
