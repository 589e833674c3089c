import AMQP
import FoundationEssentials
import Logging
import Postgres
import TraceStore
import Tracing

/// Handles messages of one queue in one transaction, each in a savepoint of its own, so that the failure of one harms only itself. What
/// becomes of each is written in the same transaction: the inbox's row, the row of a message that waits, the dead letter in the outbox.
struct EventBatch: Sendable {
    /// For a transaction, waiting for the database included.
    static let patience: Duration = .seconds(30)
    /// How long a handler waits for another transaction's lock while others have gone before it in its own: two batches that wait for each
    /// other would both stand still for PostgreSQL's deadlock_timeout (1 s). The message is then handled in a transaction of its own.
    static let lockPatience: Duration = .milliseconds(50)
    /// Of a message that lost against other transactions, until that counts as its failure.
    static let maximumContentions = 20
    /// How often the handlers' budget a transaction may take from its first message's end, waits for locks included.
    static let waits = 4
    static let contentionPause: Duration = .milliseconds(20)
    /// Before a message whose handler found some other database away is tried again.
    static let awayPause: Duration = .seconds(1)

    let queue: String
    let settings: QueueSettings
    /// By event type.
    let handlers: [String: EventHandler]
    let database: Database
    let clock: ServiceClock
    let metrics: Metrics
    let logger: Logger
    let needs = StatementNeeds()

    /// - Parameters:
    ///   - run: what is to be handled, or where in the table that stands; afterwards what became of each.
    ///   - loaded: called when what stands in the table is locked.
    ///   - more: what else is at hand and fits into so much time and so many messages.
    /// - Throws: when the transaction did not commit, or may not have: none of the outcomes holds then.
    func carryOut(_ run: inout BatchRun, loaded: () -> Void = {}, more: (Duration, Int) -> [MessageInHand] = { _, _ in [] }) async throws {
        try await database.pool.withConnection(deadline: .now + Self.patience) { connection in
            do {
                try await connection.executeWithNext("BEGIN")
                try await load(connection, &run)
                if !run.entries.isEmpty { loaded() }
                try await enter(connection, &run, from: 0)
                try await connection.executeWithNext("SAVEPOINT message")
                run.sealed = connection.mark
                try await handleAll(connection, &run, more)
                try await clean(connection, run)
                let commit = DefaultTracerClock.now
                _ = try await connection.execute("COMMIT")
                CommitSpan.record(run.recorded, since: commit)
            } catch {
                connection.dropDeferred()
                _ = try? await connection.execute("ROLLBACK")
                throw error
            }
        }
    }

    private func load(_ connection: PostgresConnection, _ run: inout BatchRun) async throws {
        guard !run.begun.isEmpty else { return }
        let rows = try await connection.query(WaitingTable.lock, [run.begun.map(\.position), run.begun.map(\.starts)])
        run.take(try rows.map { try MessageInHand($0) })
    }

    // MARK: Before the handlers

    /// Finds out which are new, which were done with before, and which have to wait behind others of their key.
    private func enter(_ connection: PostgresConnection, _ run: inout BatchRun, from start: Int) async throws {
        let indices = start..<run.entries.count
        let fresh = indices.filter { run.entries[$0].message.position == nil && !run.entries[$0].message.id.isEmpty }
        if !fresh.isEmpty {
            let messages = fresh.map { run.entries[$0].message }
            let known = try await connection.query(WaitingTable.known, [queue, Array(Set(messages.map(\.key))), messages.map(\.id)])
            if !known.isEmpty {
                let keys = Set(try known.map { try $0.get(0, as: String.self) }).subtracting([""])
                let ids = Set(try known.map { try $0.get(1, as: String.self) })
                var behind: [MessageInHand] = []
                for index in fresh {
                    let message = run.entries[index].message
                    if ids.contains(message.id) {
                        run.entries[index].outcome = .duplicate
                    } else if keys.contains(message.key) {
                        behind.append(message)
                        run.entries[index].outcome = .waits(until: run.now.advanced(by: BatchRun.behindPause), cause: nil)
                    }
                }
                try await append(behind, connection, notBefore: run.now)
            }
        }
        let entering = indices.filter { !run.entries[$0].isDecided && !run.entries[$0].message.id.isEmpty }
        guard !entering.isEmpty else { return }
        let messages = entering.map { run.entries[$0].message }
        let rows = try await connection.query(Inbox.enter, [messages.map(\.id), queue, run.now, messages.map(\.replay)])
        let entered = Set(try rows.map { try $0.get(0, as: String.self) })
        for index in entering {
            if entered.contains(run.entries[index].message.id) {
                run.entries[index].isEntered = true
            } else {
                run.entries[index].outcome = .duplicate
            }
        }
    }

    private func append(
        _ messages: [MessageInHand], _ connection: PostgresConnection, notBefore: Timestamp, attempts: Int? = nil, cause: String? = nil
    ) async throws {
        guard !messages.isEmpty else { return }
        try await connection.execute(
            WaitingTable.append,
            [
                queue, messages.map(\.id), messages.map(\.key), messages.map { _ in notBefore },
                messages.map { attempts ?? $0.metadata.attempt - 1 }, messages.map { _ in cause?.storable },
                messages.map { $0.firstFailedAt ?? (cause == nil ? nil : clock.timestamp) }, messages.map(\.exchange.storable),
                messages.map(\.routingKey.storable), try messages.map { try StoredProperties.text(of: $0.message.properties) },
                messages.map(\.message.body),
            ])
    }

    /// Puts messages in hand into the table, from where any instance takes them.
    func share(_ messages: [MessageInHand]) async throws {
        let now = clock.timestamp
        try await database.pool.withConnection(deadline: .now + Self.patience) { connection in
            try await append(messages, connection, notBefore: now)
        }
    }

    // MARK: The handlers

    private func handleAll(
        _ connection: PostgresConnection, _ run: inout BatchRun, _ more: (Duration, Int) -> [MessageInHand]
    ) async throws {
        let budget = WorkBoard.budget
        var end: ContinuousClock.Instant?
        var index = 0
        while index < run.entries.count {
            if let end, run.cost >= budget || .now >= end { return }
            if !run.entries[index].isDecided {
                let outcome = try await handle(connection, &run, index)
                run.entries[index].outcome = outcome
                if case .again = outcome { return }
            }
            index += 1
            end = end ?? .now + budget * Self.waits
            guard index == run.entries.count, !run.isSolitary, run.begun.isEmpty else { continue }
            let added = more(budget - run.cost, WorkBoard.batchSize - index)
            guard !added.isEmpty else { return }
            run.entries += added.map { .init(message: $0) }
            do {
                try await enter(connection, &run, from: index)
                try await seal(connection, &run)
            } catch {
                // Another has one of them in hand, most likely: those that were handled are committed nevertheless.
                guard !Task.isCancelled else { throw error }
                try await rollBack(connection, &run, after: error)
                for added in index..<run.entries.count { run.entries[added].forgetEntering() }
                return
            }
        }
    }

    /// What was written since the last savepoint stays, whatever comes of the next message.
    private func seal(_ connection: PostgresConnection, _ run: inout BatchRun) async throws {
        let mark = connection.mark
        if let sealed = run.sealed, mark == sealed, mark.hasDeferred { return }
        // What the message has put off must not fail as the next one's.
        if mark.hasDeferred {
            try await connection.execute("RELEASE SAVEPOINT message")
        } else {
            try await connection.executeWithNext("RELEASE SAVEPOINT message")
        }
        if !run.isLockPatienceSet {
            try await connection.executeWithNext("SET LOCAL lock_timeout = \(Int(Self.lockPatience.inSeconds * 1000))")
            run.isLockPatienceSet = true
        }
        try await connection.executeWithNext("SAVEPOINT message")
        run.sealed = connection.mark
    }

    /// - Throws: the first error when the connection is gone.
    private func rollBack(_ connection: PostgresConnection, _ run: inout BatchRun, after error: any Error) async throws {
        let first = error
        let sealed = run.sealed
        connection.dropDeferred(after: sealed)
        // Nothing has gone to the server since.
        if let sealed, connection.mark == sealed, sealed.hasDeferred { return }
        do {
            try await connection.execute("ROLLBACK TO SAVEPOINT message")
        } catch {
            throw first
        }
    }

    private func handle(_ connection: PostgresConnection, _ run: inout BatchRun, _ index: Int) async throws -> BatchRun.Outcome {
        let message = run.entries[index].message
        if let stopped = run.stoppedKeys[message.key], !message.key.isEmpty {
            guard stopped == .inTable, message.position == nil else { return .untouched }
            try await append([message], connection, notBefore: run.now)
            try await seal(connection, &run)
            return .waits(until: run.now.advanced(by: BatchRun.behindPause), cause: nil)
        }
        let outcome = try await outcome(connection, &run, message)
        switch outcome {
        case .handled: break
        case .waits where message.position == nil: run.stoppedKeys[message.key] = .inTable
        case .waits, .aside, .again, .untouched: run.stoppedKeys[message.key] = .elsewhere
        default: break
        }
        return outcome
    }

    private func outcome(
        _ connection: PostgresConnection, _ run: inout BatchRun, _ message: MessageInHand
    ) async throws -> BatchRun.Outcome {
        if let flaw = message.flaw { return try await giveUp(message, connection, &run, cause: flaw) }
        if let failure = message.failure { return try await failed(message, connection, &run, failure, FailureKind.of(failure)) }
        let metadata = message.metadata
        guard let handler = handlers[metadata.type] else {
            let known = handlers.keys.sorted().joined(separator: ", ")
            let cause = "No handler for events of type '\(metadata.type)' on queue '\(queue)'; there are some for \(known)."
            return try await giveUp(message, connection, &run, cause: cause)
        }
        let queueWait = max(.zero, Timestamp(metadata.time).duration(to: clock.timestamp))
        let span = startSpan("process \(queue)", context: .continuing(traceparent: metadata.traceparent), ofKind: .consumer)
        defer { span.end() }
        if span.isRecording {
            run.recorded.append(span.context)
            span.attributes = .message(
                id: metadata.id, destination: queue, operation: "process", subject: metadata.subject,
                further: [
                    "signalbox.event.type": .string(metadata.type), "signalbox.attempt": .int64(Int64(metadata.attempt)),
                    "signalbox.queue_wait_ms": .double(queueWait.inSeconds * 1000),
                ])
        }
        let statements = StatementClock(needs)
        let transaction = Transaction(
            connection: connection, publisher: database.publisher, traceparent: span.context.spanContext?.traceparent,
            publications: run.publications, statements: statements)
        let start = ContinuousClock.now
        defer { run.took(.now - start, waiting: statements.excess, type: metadata.type) }
        metrics.observe(.queueWait, [queue, metadata.type], queueWait)
        do {
            try await ServiceContext.withValue(span.context) { try await handler.run(message.message.body, metadata, transaction) }
            try await seal(connection, &run)
            return .handled
        } catch {
            span.recordError(error)
            guard !Task.isCancelled else { throw error }
            try await rollBack(connection, &run, after: error)
            return try await failed(message, connection, &run, error, await connection.takeContention())
        }
    }

    // MARK: After a failure

    private func failed(
        _ message: MessageInHand, _ connection: PostgresConnection, _ run: inout BatchRun, _ error: any Error, _ contention: PostgresError?
    ) async throws -> BatchRun.Outcome {
        // Others have gone before it in this transaction, whose locks may be the reason.
        if contention != nil, run.isLockPatienceSet {
            var message = message
            message.isAlone = true
            return .again(message)
        }
        if let contention, contention.sqlState != PostgresError.lockNotAvailable, message.contentions < Self.maximumContentions {
            var message = message
            message.contentions += 1
            return try await pause(message, connection, &run, for: Self.contentionPause, cause: nil)
        }
        var kind = FailureKind.of(error)
        if kind == .timedOut || kind == .databaseAway { kind = await database.isAnswering ? .transient : .databaseAway }
        return try await failed(message, connection, &run, error, kind)
    }

    private func failed(
        _ message: MessageInHand, _ connection: PostgresConnection, _ run: inout BatchRun, _ error: any Error, _ kind: FailureKind
    ) async throws -> BatchRun.Outcome {
        if kind == .databaseAway {
            logger.warning("The database is away; the event waits", metadata: metadata(message, error: error))
            return try await pause(message, connection, &run, for: Self.awayPause, cause: nil)
        }
        metrics.add(.failed, [queue, message.metadata.type])
        let attempts = message.metadata.attempt
        let decision = kind == .permanent ? .deadLetter : RetryDecision.afterFailure(attempts: attempts, settings: settings)
        var message = message
        message.failure = nil
        message.firstFailedAt = message.firstFailedAt ?? run.now
        switch decision {
        case .attemptAgain(let pause):
            logger.warning("An event's handler failed and is tried again", metadata: metadata(message, error: error))
            message.metadata.attempt += 1
            return try await self.pause(message, connection, &run, for: pause, cause: "\(error)")
        case .retryLater(let rung):
            logger.warning("An event's handler failed; it is tried again later", metadata: metadata(message, error: error))
            let delay = settings.delays[rung] * Double.random(in: 1 - RetryDecision.jitter...1 + RetryDecision.jitter)
            message.metadata.attempt += 1
            return try await wait(message, connection, &run, until: run.now.advanced(by: delay), cause: "\(error)")
        case .deadLetter:
            return try await giveUp(message, connection, &run, cause: "\(error)")
        }
    }

    /// For a moment: in this process what the broker delivered, in the table what came from there.
    private func pause(
        _ message: MessageInHand, _ connection: PostgresConnection, _ run: inout BatchRun, for pause: Duration, cause: String?
    ) async throws -> BatchRun.Outcome {
        let due = run.now.advanced(by: pause.jittered)
        guard message.position == nil else { return try await wait(message, connection, &run, until: due, cause: cause) }
        return .aside(message, until: due)
    }

    private func wait(
        _ message: MessageInHand, _ connection: PostgresConnection, _ run: inout BatchRun, until due: Timestamp, cause: String?
    ) async throws -> BatchRun.Outcome {
        let cause = cause.map { String($0.prefix(FailureRecord.longestCause)) }
        let attempts = message.metadata.attempt - 1
        if let position = message.position {
            try await connection.execute(WaitingTable.again, [position, due, attempts, cause?.storable, message.firstFailedAt])
            if !message.key.isEmpty {
                try await connection.execute(WaitingTable.putOffBehind, [queue, message.key, position, due])
            }
        } else {
            try await append([message], connection, notBefore: due, attempts: attempts, cause: cause)
        }
        try await seal(connection, &run)
        return .waits(until: due, cause: cause)
    }

    private func giveUp(
        _ message: MessageInHand, _ connection: PostgresConnection, _ run: inout BatchRun, cause: String
    ) async throws -> BatchRun.Outcome {
        if !message.id.isEmpty { try await connection.execute(Inbox.markDead, [message.id, queue]) }
        guard let exchange = settings.retryExchange else {
            try await seal(connection, &run)
            return .dropped(cause: cause)
        }
        let record = FailureRecord(
            attempts: message.metadata.attempt, cause: cause, originQueue: queue, firstFailedAt: message.firstFailedAt ?? run.now)
        let letter = record.applied(to: message.message)
        let row = OutboxRow(
            eventID: message.id.isEmpty ? EventIdentifier.make(run.now) : message.id, type: message.metadata.type.storable,
            exchange: exchange,
            routingKey: "\(queue).dead", headers: [:], body: letter.body, orderingKey: message.key.isEmpty ? "" : "\(queue) \(message.key)",
            properties: try StoredProperties.text(of: letter.properties), createdAt: run.now)
        try await connection.execute(OutboxTable.insert, row.insertParameters)
        run.publications.increment()
        try await seal(connection, &run)
        return .dead(cause: cause)
    }

    // MARK: Before the commit

    private func clean(_ connection: PostgresConnection, _ run: BatchRun) async throws {
        let leaving = run.entries.filter { $0.isEntered && !$0.outcome.isEnd }.map(\.message)
        let replayed = leaving.filter { $0.replay != nil }.map(\.id)
        let others = leaving.filter { $0.replay == nil }.map(\.id)
        if !others.isEmpty { try await connection.execute(Inbox.leave, [queue, others]) }
        if !replayed.isEmpty { try await connection.execute(Inbox.leaveDead, [queue, replayed]) }
        let gone = run.entries.filter { $0.outcome.isEnd }.compactMap(\.message.position)
        if !gone.isEmpty { try await connection.execute(WaitingTable.delete, [gone]) }
        let untouched = run.entries.filter { $0.outcome.isUntouched }.compactMap(\.message.position)
        if !untouched.isEmpty { try await connection.execute(WaitingTable.unbegin, [untouched]) }
        if run.isSuspect {
            for entry in run.entries where !entry.outcome.isUntouched {
                try await connection.execute(SuspectTable.delete, [queue, entry.message.id])
            }
        }
    }

    func metadata(_ message: MessageInHand, error: (any Error)? = nil) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "queue": "\(queue)", "event": "\(message.id)", "type": "\(message.metadata.type)", "attempt": "\(message.metadata.attempt)",
        ]
        if !message.key.isEmpty { metadata["subject"] = "\(message.key)" }
        if let error { metadata["error"] = "\(error)" }
        return metadata
    }
}

extension PostgresError {
    static let lockNotAvailable = "55P03"
}
