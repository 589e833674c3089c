import AMQP
import Logging
import Postgres

/// Brings events from the outbox to the broker, in the order of their ids, by one instance of the service at a time.
///
/// That one holds an advisory lock on the connection by which it also takes the batches: whoever loses the lock loses the batch with it. A
/// batch is one transaction that commits when the broker has confirmed; killed before, its events are published again under the same ids,
/// and the inboxes recognise them.
struct OutboxRelay: Sendable {
    /// How often to look without being woken: for commits of other instances, and for a leader that is gone.
    static let pollInterval: Duration = .seconds(1)
    static let confirmPatience: Duration = .seconds(10)
    /// How long a relay keeps its connection: its statements' deadline. Then it competes again, mostly to be the leader again.
    static let term: Duration = .seconds(120)
    /// Before the term's end no new batch is begun.
    static let termMargin: Duration = .seconds(30)
    /// Publishes in flight; the publisher's window.
    static let window = 256

    /// A connection of its own.
    let pool: PostgresPool
    let publisher: AMQPPublisher
    let service: String
    let purge: CachePurge?
    let signal: RelaySignal
    let doorbell: RelayDoorbell
    /// Triggered at shutdown, when nothing is written any more: relay what is there and return.
    let finishing: Latch
    let metrics: Metrics
    let logger: Logger

    /// Runs until `finishing` and the outbox is empty (or another's to empty), or the task is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: Self.pollInterval)
                    signal.wake()
                }
            }
            await relay()
            group.cancelAll()
        }
    }

    private func relay() async {
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
                await finishing.wait(atMost: backoff.next().jittered)
                if finishing.isTriggered { return }
            }
        }
    }

    /// Returns when the time is over, or there is nothing left to do at shutdown.
    private func compete(on connection: PostgresConnection, until end: ContinuousClock.Instant) async throws {
        // The session of a host that lost its power must not keep the lock for the two hours of Linux's own keepalive.
        for setting in ["tcp_keepalives_idle = 10", "tcp_keepalives_interval = 5", "tcp_keepalives_count = 3"] {
            _ = try await connection.execute("SET \(setting)")
        }
        repeat {
            // The leader may be in another process, and what woke this one a commit of its own.
            doorbell.ring()
            let isLeader = try await connection.query(OutboxTable.tryLock).first?.get("locked", as: Bool.self) ?? false
            if isLeader {
                try await lead(on: connection, until: end)
                _ = try? await connection.query(OutboxTable.unlock)
                return
            }
            if finishing.isTriggered || .now > end { return }
        } while await signal.next()
    }

    private func lead(on connection: PostgresConnection, until end: ContinuousClock.Instant) async throws {
        logger.info("This instance relays the outbox")
        metrics.set(.leading, to: 1)
        defer {
            metrics.set(.leading, to: 0)
            doorbell.stopListening()
        }
        var backoff = Backoff()
        repeat {
            // Until it succeeds: the leader before may not have let go of the name yet.
            doorbell.listen { [signal] in signal.wake() }
            while !Task.isCancelled && .now < end {
                let (isFull, failure) = try await relayBatch(on: connection)
                if let failure {
                    logger.error("The broker did not take the outbox's events, which stay", metadata: ["error": "\(failure)"])
                    await finishing.wait(atMost: backoff.next().jittered)
                    break
                }
                backoff.reset()
                if !isFull { break }
            }
            if finishing.isTriggered || .now >= end { return }
        } while await signal.next()
    }

    private func relayBatch(on connection: PostgresConnection) async throws -> (isFull: Bool, failure: String?) {
        _ = try await connection.execute("BEGIN")
        do {
            let rows = try await connection.query(OutboxTable.take).map { try OutboxRow($0) }
            guard !rows.isEmpty else {
                _ = try await connection.execute("ROLLBACK")
                return (false, nil)
            }
            await purge?.purge(before: rows)
            let decision = OutboxDecision(rows: rows, results: await publish(rows))
            try await carryOut(decision, on: connection)
            return (rows.count == OutboxTable.batchSize, decision.failure)
        } catch {
            _ = try? await connection.execute("ROLLBACK")
            throw error
        }
    }

    private func carryOut(_ decision: OutboxDecision, on connection: PostgresConnection) async throws {
        guard !decision.isRollback else {
            _ = try await connection.execute("ROLLBACK")
            return
        }
        for row in decision.kept {
            _ = try await connection.execute(OutboxTable.restore, row.restoreParameters(0.0))
        }
        for deferral in decision.deferred {
            _ = try await connection.execute(OutboxTable.restore, deferral.row.restoreParameters(deferral.pause.inSeconds))
        }
        for parking in decision.parked {
            _ = try await connection.execute(OutboxTable.park, parking.row.restoreParameters(parking.cause))
        }
        _ = try await connection.execute("COMMIT")
        report(decision)
    }

    /// All at once within the window. The tasks are begun immediately, one after the other, so that they reach the publisher's queue in the
    /// rows' order: that is the order in which the broker gets them.
    private func publish(_ rows: [OutboxRow]) async -> [OutboxDecision.Result] {
        let deadline = ContinuousClock.now + Self.confirmPatience
        return await withTaskGroup(of: (Int, OutboxDecision.Result).self) { group in
            var results = [OutboxDecision.Result](repeating: .failed("not published"), count: rows.count)
            for (index, row) in rows.enumerated() {
                if index >= Self.window, let (finished, result) = await group.next() { results[finished] = result }
                group.addImmediateTask {
                    do throws(AMQPError) {
                        try await publisher.publish(
                            row.message(service: service), to: row.exchange, routingKey: row.routingKey, deadline: deadline)
                        return (index, .confirmed)
                    } catch {
                        if case .unroutable(let text) = error.code { return (index, .unroutable(text)) }
                        return (index, .failed(error.message))
                    }
                }
            }
            for await (index, result) in group { results[index] = result }
            return results
        }
    }

    private func report(_ decision: OutboxDecision) {
        let now = Timestamp.now
        for row in decision.confirmed {
            metrics.add(.relayed, [row.type])
            metrics.observe(.relaySeconds, [], .microseconds(max(0, now.microseconds - row.createdAt.microseconds)))
        }
        for deferral in decision.deferred {
            metrics.add(.unroutable, [deferral.row.type])
            logger.error(
                "No queue takes an event; bind one to its exchange in topology.yaml. It is tried again",
                metadata: deferral.row.logMetadata.merging(["pause_seconds": "\(deferral.pause.inSeconds)"]) { $1 })
        }
        for parking in decision.parked {
            metrics.add(.unroutable, [parking.row.type])
            metrics.add(.parked, [parking.row.type])
            logger.critical(
                "No queue took an event in \(OutboxDecision.maximumAttempts) attempts; it rests in signalbox_outbox_parked",
                metadata: parking.row.logMetadata.merging(["cause": "\(parking.cause)"]) { $1 })
        }
    }
}

extension OutboxRow {
    fileprivate func restoreParameters(_ last: any PostgresEncodable) -> [any PostgresEncodable] {
        [id, eventID, type, exchange, routingKey, headersJSON, body, createdAt.microseconds, attempts, last]
    }

    fileprivate var logMetadata: Logger.Metadata {
        ["event": "\(eventID)", "type": "\(type)", "exchange": "\(exchange)", "routing_key": "\(routingKey)", "attempts": "\(attempts)"]
    }
}
