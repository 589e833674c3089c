import AMQP
import Logging
import Postgres

/// Handles the events of one queue: a few workers, each with a transaction of its own for as many as are at hand, those of one subject one
/// after the other.
struct EventConsumer: Sendable {
    /// As many as the pool has connections, less two for the service's routes.
    /// Others only to measure what they gain.
    @TaskLocal static var workers = ServiceParts.databaseConnections - 2
    /// Who passes messages on to other instances, among the desk's workers.
    private static let sharer: DeliveryDesk.Worker = -1
    /// How often to look at the table without being told: for what an instance left behind that is gone.
    static let pollInterval: Duration = .seconds(1)
    static let longestAwayPause: Duration = .seconds(2)

    let batch: EventBatch
    let board: WorkBoard
    let bells: InstanceBells
    let gate: SuspectGate
    /// Tells this process's starts of suspects from others'.
    let process: String
    let shutdown: Latch

    private var queue: String { batch.queue }
    private var database: Database { batch.database }
    private var clock: ServiceClock { batch.clock }
    private var metrics: Metrics { batch.metrics }
    private var logger: Logger { batch.logger }

    /// Returns when the process stops (what was begun is finished by then, and what was not is released to the broker), or the task is
    /// cancelled.
    func run(_ deliveries: AMQPDeliveries, of consumer: any MessageConsuming) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await feed(deliveries) }
            group.addTask { await keepTime() }
            group.addTask { await endHeadStarts() }
            if batch.settings.isSingleActiveConsumer { group.addTask { await share() } }
            await withDiscardingTaskGroup { workers in
                for worker in 0..<Self.workers { workers.addTask { await work(worker) } }
                workers.addTask {
                    await shutdown.wait()
                    board.stop()
                }
            }
            group.cancelAll()
        }
        // Only now: the next consumer of the queue must not be given later messages while this one has earlier ones.
        await consumer.release(deliveries)
    }

    private func feed(_ deliveries: AMQPDeliveries) async {
        for await delivery in deliveries {
            board.add(MessageInHand(delivery, queue: queue))
            while let next = deliveries.takeAvailable() { board.add(MessageInHand(next, queue: queue)) }
        }
    }

    /// Wakes workers for what is due.
    private func keepTime() async {
        var nextPoll = clock.timestamp.advanced(by: Self.pollInterval)
        while !board.isStopped, !Task.isCancelled {
            let now = clock.timestamp
            if now >= nextPoll {
                board.tableMayBeDue()
                nextPoll = now.advanced(by: Self.pollInterval)
            }
            board.recall()
            let due = min(board.nextDue ?? nextPoll, nextPoll)
            await board.changed.wait(atMost: max(.milliseconds(1), clock.timestamp.duration(to: due)), clock: clock)
        }
    }

    /// In real time: it is the machine's, whatever the service's clock says.
    private func endHeadStarts() async {
        while !board.isStopped, !Task.isCancelled {
            await board.heldBack.wait()
            try? await Task.sleep(for: WorkBoard.gathering)
            board.headStartsEnd()
        }
    }

    private func work(_ worker: DeliveryDesk.Worker) async {
        var away = Backoff(maximum: Self.longestAwayPause)
        while let work = await board.next(worker) {
            switch work {
            case .deliveries(let messages):
                if let message = messages.first, message.isSuspect {
                    await handleSuspect(message, worker, &away)
                } else {
                    await handle(BatchRun(messages, now: clock.timestamp), worker, &away)
                }
            case .table:
                await handleTable(worker, &away)
            }
        }
    }

    // MARK: Batches

    private func handle(_ run: BatchRun, _ worker: DeliveryDesk.Worker, _ away: inout Backoff) async {
        await gate.enter(isExclusive: false)
        defer { gate.leave() }
        await carryOut(run, worker, &away)
    }

    @discardableResult
    private func carryOut(_ run: BatchRun, _ worker: DeliveryDesk.Worker, _ away: inout Backoff) async -> BatchRun? {
        var run = run
        do {
            let isOfTable = !run.begun.isEmpty
            try await batch.carryOut(
                &run,
                // There may be more for other workers. Before these rows were locked they would have taken the same.
                loaded: { if isOfTable { board.tableMayBeDue() } },
                more: { budget, count in board.more(worker, budget: budget, count: count) })
        } catch {
            await failed(run, error, worker, &away)
            return nil
        }
        away.reset()
        for entry in run.entries { await settle(entry) }
        if run.publications.isPositive { database.relaySignal.wake(forSchedule: run.publications.hasScheduled) }
        if let due = run.nextDue { board.tableIsDue(noLaterThan: due) }
        board.finished(worker, asides: run.asides, returned: run.returned, costs: run.costs, waited: run.waited)
        return run
    }

    /// Nothing of the transaction holds, or it is not known whether it does; the inbox will tell.
    private func failed(_ run: BatchRun, _ error: any Error, _ worker: DeliveryDesk.Worker, _ away: inout Backoff) async {
        var messages = run.entries.map(\.message).filter { $0.position == nil }
        defer { board.finished(worker, returned: messages, costs: run.costs, waited: run.waited) }
        guard !Task.isCancelled else { return board.stop() }
        var kind = FailureKind.of(error)
        if kind == .timedOut { kind = await database.isAnswering ? .transient : .databaseAway }
        if kind == .databaseAway {
            logger.warning("The database is away; events wait", metadata: ["queue": "\(queue)", "error": "\(error)"])
            await shutdown.wait(atMost: away.next().jittered, clock: clock)
        } else {
            logger.warning(
                "Events that were handled together were rolled back; each is handled again alone",
                metadata: ["queue": "\(queue)", "count": "\(run.entries.count)", "error": "\(error)"])
            if messages.count == 1, run.entries.count == 1 {
                messages[0].failure = error
            } else {
                for index in messages.indices { messages[index].isAlone = true }
            }
        }
    }

    private func settle(_ entry: BatchRun.Entry) async {
        let message = entry.message
        let labels = [queue, message.metadata.type]
        switch entry.outcome {
        case .untouched, .aside, .again: return
        case .handled:
            metrics.add(.handled, labels)
            logger.debug("Event handled", metadata: batch.metadata(message))
        case .duplicate:
            metrics.add(.duplicates, labels)
            logger.debug("Event was handled before", metadata: batch.metadata(message))
        case .waits(_, let cause):
            if cause != nil { metrics.add(.retried, [queue]) }
        case .dead(let cause):
            metrics.add(.deadLettered, [queue])
            logger.error(
                "An event goes to the dead-letter queue", metadata: batch.metadata(message).merging(["cause": "\(cause)"]) { $1 })
        case .dropped(let cause):
            logger.error(
                "An event failed and its queue has no dead letters: it is given up",
                metadata: batch.metadata(message).merging(["cause": "\(cause)"]) { $1 })
            for delivery in message.deliveries { await delivery.reject(requeue: false) }
            return
        }
        if message.deliveries.count > 1 { metrics.add(.duplicates, labels, by: Double(message.deliveries.count - 1)) }
        for delivery in message.deliveries { await delivery.ack() }
    }

    // MARK: The table

    private func handleTable(_ worker: DeliveryDesk.Worker, _ away: inout Backoff) async {
        var suspects: [MessageInHand] = []
        do {
            let begun = try await beginTable()
            guard !begun.isEmpty else {
                board.finished(worker)
                return
            }
            await gate.enter(isExclusive: false)
            defer { gate.leave() }
            if let run = await carryOut(BatchRun(begun: begun, isSuspect: false, now: clock.timestamp), worker, &away) {
                suspects = run.suspects
                // For those behind these.
                if !run.entries.isEmpty { board.tableMayBeDue() }
            }
        } catch {
            board.finished(worker)
            guard !Task.isCancelled else { return }
            logger.warning("The database is away; waiting events wait on", metadata: ["queue": "\(queue)", "error": "\(error)"])
            await shutdown.wait(atMost: away.next().jittered, clock: clock)
        }
        for suspect in suspects where !board.isStopped { await handleSuspect(suspect, worker, &away) }
    }

    private func beginTable() async throws -> [BatchRun.Begun] {
        let now = clock.timestamp
        return try await database.pool.withConnection(deadline: .now + Database.queryPatience) { connection in
            let portion = board.tablePortion
            let parameters: [any PostgresEncodable] = [queue, now, portion, min(portion, WaitingTable.batchRowsOfKey) - 1]
            func begun(_ rows: [PostgresRow]) throws -> [BatchRun.Begun] {
                try rows.map { .init(position: try $0.get(0), key: try $0.get(1), starts: try $0.get(2)) }
            }
            let rows = try await connection.query(WaitingTable.begin, parameters)
            guard rows.isEmpty else { return try begun(rows) }
            try await connection.executeWithNext(SuspectTable.sweep, [queue, now.advanced(by: .zero - SuspectTable.sweepAge)])
            let outlook = try await connection.query(WaitingTable.outlook, [queue, now]).first
            if try outlook?.get(2, as: Int.self) == WaitingTable.candidates {
                let rows = try await connection.query(WaitingTable.beginAmongAll, parameters)
                guard rows.isEmpty else { return try begun(rows) }
            }
            let next = try outlook?.get(0, as: Int64?.self) ?? nil
            board.tableIsDue(noLaterThan: next.map { Timestamp(microseconds: $0) })
            metrics.set(.waiting, [queue], to: try outlook?.get(1, as: Double.self) ?? 0)
            return []
        }
    }

    // MARK: Suspects

    /// Nothing else is handled in this process meanwhile, and that it is begun is written down first.
    private func handleSuspect(_ message: MessageInHand, _ worker: DeliveryDesk.Worker, _ away: inout Backoff) async {
        await gate.enter(isExclusive: true)
        defer { gate.leave() }
        guard !message.id.isEmpty else {
            await carryOut(BatchRun([message], now: clock.timestamp), worker, &away)
            return
        }
        var message = message
        do {
            let starts = try await database.pool.withConnection(deadline: .now + Database.queryPatience) { connection in
                try await connection.query(SuspectTable.start, [queue, message.id, process, clock.timestamp]).first?.get(0, as: Int.self)
                    ?? 1
            }
            if starts > SuspectTable.maximumStarts {
                message.flaw = "Begun \(starts - 1) times without an outcome, alone in its process: the process ended each time."
            }
        } catch {
            board.finished(worker, returned: message.position == nil ? [message] : [])
            guard !Task.isCancelled else { return board.stop() }
            await shutdown.wait(atMost: away.next().jittered, clock: clock)
            return
        }
        let run =
            if let position = message.position {
                await carryOut(
                    BatchRun(
                        begun: [.init(position: position, key: message.key, starts: message.starts)], isSuspect: true, flaw: message.flaw,
                        now: clock.timestamp), worker, &away)
            } else {
                await carryOut(BatchRun([message], now: clock.timestamp), worker, &away)
            }
        // Cancelled, or somebody else has the row: no process ended over it. Not in this task, which may be cancelled.
        if run == nil || run?.entries.allSatisfy(\.outcome.isUntouched) == true {
            await Task { [id = message.id] in
                _ = try? await database.pool.withConnection(deadline: .now + Database.queryPatience) {
                    try await $0.execute(SuspectTable.unstart, [queue, id])
                }
            }.value
        }
    }

    // MARK: Sharing

    /// Passes on what this instance cannot begin soon, where others live: the broker hands the queue's messages to one instance alone.
    private func share() async {
        while !board.isStopped, !Task.isCancelled {
            await clock.rest(for: SharingDecision.interval)
            guard board.hasSurplus(workers: Self.workers), bells.ringOthers() > 0, (try? await hasRoomToShare()) == true else { continue }
            let messages = board.takeSurplus(Self.sharer, workers: Self.workers, atMost: SharingDecision.batchSize)
            guard !messages.isEmpty else { continue }
            do {
                try await batch.share(messages)
            } catch {
                board.finished(Self.sharer, returned: messages)
                continue
            }
            for message in messages {
                for delivery in message.deliveries { await delivery.ack() }
            }
            board.finished(Self.sharer)
            board.tableMayBeDue()
            bells.ringOthers()
        }
    }

    private func hasRoomToShare() async throws -> Bool {
        let count = try await database.pool.withConnection(deadline: .now + Database.queryPatience) {
            try await $0.query(WaitingTable.count, [queue, SharingDecision.maximumShared]).first?.get(0, as: Int.self) ?? 0
        }
        return count < SharingDecision.maximumShared
    }
}
