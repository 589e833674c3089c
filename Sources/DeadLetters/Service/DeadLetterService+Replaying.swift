import AMQP
import Logging

extension DeadLetterService {
    /// On their way together.
    private static let window = 256
    private static let confirmPatience: Duration = .seconds(10)
    /// With nothing confirmed for so long a replay is given up; what is left are dead letters still.
    private static let stallPatience: Duration = .seconds(60)
    private static let firstPause: Duration = .milliseconds(100)
    private static let longestPause: Duration = .seconds(5)

    package func replay(
        queue name: String, _ selection: DeadLetterSelection, isForced: Bool, isDryRun: Bool, actor: String
    ) async throws(DeadLetterError) -> ReplayReport {
        let queue = try queue(name)
        try await requireLoaded(queue)
        let plan = try ReplayPlan(queue.index, queue: queue.name, selection: selection, isForced: isForced, now: LetterTime.now)
        var report = report(plan, queue)
        guard !isDryRun, !plan.letters.isEmpty else { return report }
        if let obstacle = await obstacle(queue.name) {
            throw DeadLetterError(.conflict, "dead letters cannot go back to \(queue.name) now: \(obstacle); try again when that is done")
        }
        if let replay = queue.replayID {
            throw DeadLetterError(.conflict, "dead letters are being sent back to \(queue.name) already (replay \(replay))")
        }
        var keys: Set<LetterKey> = []
        let journal = ReplayJournal(
            id: ReplayJournal.makeID(), queue: queue.name, keys: plan.letters.map(\.key).filter { keys.insert($0).inserted })
        try journal.write(folder: folder)
        logger.notice("\(journal.keys.count) dead letters go back to \(queue.name) (replay \(journal.id)), as \(actor) asked")
        begin(journal)
        let deadline = ContinuousClock.now + Self.patience
        while statuses[journal.id]?.state == .running, ContinuousClock.now < deadline, !Task.isCancelled {
            try? await Task.sleep(for: Self.pollInterval)
        }
        report.replay = statuses[journal.id]
        report.replayed = report.replay?.replayed ?? 0
        return report
    }

    package func replay(id: String) async throws(DeadLetterError) -> ReplayStatus {
        guard let status = statuses[id] else {
            throw DeadLetterError(.notFound, "there is no replay \(id) under way, and none that ended since the supervisor was started")
        }
        return status
    }

    private func report(_ plan: ReplayPlan, _ queue: HeldQueue) -> ReplayReport {
        func ids(_ entries: some Sequence<LetterEntry>) -> [String] { entries.prefix(ReplayReport.shown).map(queue.index.id(of:)) }
        return ReplayReport(
            queue: queue.name, count: plan.letters.count, ids: ids(plan.letters),
            edited: plan.letters.count { edits?.isEdited(queue: queue.name, $0.key) ?? false }, tooOld: ids(plan.tooOld),
            unavailable: ids(plan.unavailable),
            overtakings: plan.overtakings.prefix(ReplayReport.shown).map {
                .init(subject: $0.subject, staying: ids($0.staying), overtakenBy: queue.index.id(of: $0.overtakenBy))
            }, beyond: queue.beyond)
    }

    /// To be called when it has been written down.
    func begin(_ journal: ReplayJournal) {
        held[journal.queue]?.replayID = journal.id
        let isNew = statuses[journal.id] == nil
        statuses[journal.id] = ReplayStatus(
            id: journal.id, queue: journal.queue, state: .running, total: journal.keys.count, replayed: 0)
        if isNew { statusOrder.append(journal.id) }
        while statusOrder.count > Self.mostStatuses, let oldest = statusOrder.first, statuses[oldest]?.state != .running {
            statuses[oldest] = nil
            statusOrder.removeFirst()
        }
        addTask { await $0.run(journal) }
    }

    private func run(_ journal: ReplayJournal) async {
        guard let queue = held[journal.queue], let configuration else { return }
        while !queue.isLoaded {
            do { try await Task.sleep(for: Self.pollInterval) } catch { return }
        }
        let letters = await remaining(of: journal, in: queue)
        statuses[journal.id]?.replayed = journal.keys.count - letters.count
        var quiet = logger
        quiet.logLevel = .critical
        let publisher = AMQPPublisher(configuration: configuration, window: Self.window, logger: quiet)
        publishers[journal.id] = publisher
        let obstacle = await send(letters, of: journal, from: queue, by: publisher)
        publishers[journal.id] = nil
        await publisher.close()
        await confirmSettled(queue)
        // Cancelled: whoever holds the queue next goes on with it.
        guard !Task.isCancelled else { return }
        for key in journal.keys where queue.index.entry(key) == nil { edits?.remove(queue: queue.name, key) }
        journal.remove(folder: folder)
        queue.replayID = nil
        statuses[journal.id]?.state = obstacle == nil ? .completed : .stopped
        statuses[journal.id]?.reason = obstacle
        let count = statuses[journal.id]?.replayed ?? 0
        logger.notice(
            "replay \(journal.id): \(count) of \(journal.keys.count) dead letters are back in \(queue.name)\(obstacle.map { "; it was stopped: \($0)" } ?? "")"
        )
    }

    private struct Letter {
        var replayID: String
        var entry: LetterEntry
    }

    /// What has not gone yet, as far as can be known.
    private func remaining(of journal: ReplayJournal, in queue: HeldQueue) async -> [Letter] {
        var letters: [Letter] = []
        for (position, key) in journal.keys.enumerated() {
            guard let entry = queue.index.entry(key) else { continue }
            let id = journal.replayID(position)
            if queue.index.entries(messageID: key.messageID).contains(where: { $0.replayID == id }) {
                // It went, failed again and came back before the one it was made from could be acknowledged.
                await settle(key, of: queue)
            } else {
                letters.append(Letter(replayID: id, entry: entry))
            }
        }
        return letters
    }

    /// - Returns: what it was stopped by; nil when all are there.
    private func send(
        _ letters: [Letter], of journal: ReplayJournal, from queue: HeldQueue, by publisher: AMQPPublisher
    ) async -> String? {
        var line = ReplayLine(letters) { $0.entry.subject }
        var progress = ContinuousClock.now
        var pause = Self.firstPause
        while !line.isDone, !Task.isCancelled {
            guard await obstacle(queue.name) == nil else {
                progress = .now
                try? await Task.sleep(for: Self.firstPause)
                continue
            }
            let batch = line.nextBatch(atMost: Self.window)
            var publications: [AMQPPublication] = []
            for letter in batch {
                guard let place = letter.entry.place, let message = place.spool.message(at: place) else {
                    return "the message of \(queue.index.id(of: letter.entry)) cannot be read from the state directory"
                }
                let edit = edits?.edit(queue: queue.name, letter.entry.key)
                publications.append(
                    AMQPPublication(
                        ReplayMessage.make(message, edit: edit, replayID: letter.replayID), exchange: "", routingKey: queue.name))
            }
            let outcomes = await publisher.outcomes(of: publications, within: Self.confirmPatience)
            guard !Task.isCancelled else { return nil }
            var failure: AMQPError?
            for outcome in outcomes where batch.indices.contains(outcome.index) {
                if let error = outcome.error {
                    failure = error
                } else {
                    await settle(batch[outcome.index].entry.key, of: queue)
                    statuses[journal.id]?.replayed += 1
                    progress = .now
                }
            }
            line.settled(unconfirmed: outcomes.filter { $0.error != nil }.map(\.index))
            guard let failure else {
                pause = Self.firstPause
                continue
            }
            if failure.isFinal || progress.duration(to: .now) >= Self.stallPatience { return "\(failure)" }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
        return nil
    }
}

extension AMQPError {
    /// It would be the same another time.
    fileprivate var isFinal: Bool {
        switch code {
        case .unroutable, .notFound, .accessRefused, .invalidArgument, .closed, .preconditionFailed: true
        default: false
        }
    }
}
