/// Carries out migrations of queues, a step at a time.
///
/// It may be stopped between any two steps, or killed within one: another goes on from what is there in the broker.
package actor QueueMigrator {
    /// What is to be told of a migration.
    package struct Progress: Sendable, Equatable {
        package var queue: String
        /// For a person.
        package var text: String
        /// Nothing can be done at the moment.
        package var isWaiting: Bool
    }

    /// The broker's own counts of messages are up to 5 s old: a queue's Raft server and its statistics tick so often. Two ticks, and more,
    /// because a busy machine may be late with one.
    package static let drainCalm = Duration.seconds(11)
    /// Of one step that moves.
    static let moveLimit = Duration.seconds(2)
    /// With a stand-in that fills as fast as it is moved from, publishers are held back after this.
    static let longestMoving = Duration.seconds(20)
    /// A policy reaches its queue by a message within the broker.
    static let sealDelay = Duration.milliseconds(200)

    private struct Watch {
        var drainedSince: ContinuousClock.Instant?
        var movingSince: ContinuousClock.Instant?
        var observed = QueueMigration.Observations()
    }

    private let administrator: BrokerAdministrator
    private let mover: any MessageMover
    private let drainCalm: Duration
    private let stepsAtOnce: Int
    private var watches: [String: Watch] = [:]

    /// - Parameter stepsAtOnce: how many steps a call of `advance` does of each migration where nothing has to be awaited between them:
    ///   while bindings change hands, publishers are refused.
    package init(
        administrator: BrokerAdministrator, mover: any MessageMover, drainCalm: Duration = QueueMigrator.drainCalm, stepsAtOnce: Int = 1000
    ) {
        self.stepsAtOnce = stepsAtOnce
        self.administrator = administrator
        self.mover = mover
        self.drainCalm = drainCalm
    }

    /// Does the next steps of every migration that was asked for or has begun.
    /// - Parameter asked: the queues that may be migrated. Others are only looked at, unless it has begun.
    /// - Returns: what is under way; empty when nothing is.
    package func advance(_ declaration: BrokerDeclaration, asked: Set<String>) async throws(BrokerError) -> [Progress] {
        let state = try await administrator.read()
        var progress: [Progress] = []
        for migration in BrokerPlan.plan(declaration, state).queueMigrations
        where asked.contains(migration.queue.name) || QueueMigration.hasBegun(migration.queue.name, state) {
            progress.append(try await advance(migration, from: state))
        }
        watches = watches.filter { name, _ in progress.contains { $0.queue == name } }
        return progress
    }

    private func advance(_ migration: QueueMigration, from read: BrokerState) async throws(BrokerError) -> Progress {
        var state = read
        var progress = try await advance(migration, &state)
        for _ in 1..<max(stepsAtOnce, 1) where progress.isRepeatable { progress = try await advance(migration, &state) }
        return progress.told
    }

    private struct Advance {
        var told: Progress
        /// What was done is in the state already: the next step can follow at once.
        var isRepeatable = false
    }

    private func advance(_ migration: QueueMigration, _ state: inout BrokerState) async throws(BrokerError) -> Advance {
        let name = migration.queue.name
        var watch = watches[name] ?? Watch()
        observe(&watch, migration, state)
        watches[name] = watch
        func told(_ text: String, isWaiting: Bool = false) -> Advance {
            Advance(told: Progress(queue: name, text: text, isWaiting: isWaiting))
        }
        guard let step = migration.next(state, watch.observed) else { return told("it is done") }
        switch step {
        case .wait(let reason): return told(reason, isWaiting: true)
        case .move(let queue, let exchange):
            try await move(queue, exchange, isSealed: migration.isSealed(state), for: name)
            var advance = told("what was published meanwhile comes over into the new queue")
            advance.isRepeatable = watches[name]?.observed.isStandInEmpty == true
            return advance
        case .deleteEmptied, .deleteIfEmpty:
            do {
                try await administrator.perform(step, state)
            } catch {
                // Something has come into it.
                guard case .rejected = error.code else { throw error }
                watches[name] = nil
            }
            return told("the old queue goes")
        default:
            try await administrator.perform(step, state)
            if step.isSeal { try? await Task.sleep(for: Self.sealDelay) }
            var advance = told("bindings change hands")
            advance.isRepeatable = state.note(step)
            return advance
        }
    }

    private func observe(_ watch: inout Watch, _ migration: QueueMigration, _ state: BrokerState) {
        let name = migration.queue.name
        let isDrained = state.queue(name)?.messages == 0 && state.bindings(toQueue: name).isEmpty
        watch.drainedSince = isDrained ? watch.drainedSince ?? .now : nil
        watch.observed.isOriginalDrained = watch.drainedSince.map { $0.duration(to: .now) >= drainCalm } ?? false
        if !migration.isSealed(state) { watch.observed.isStandInEmpty = false }
        if let since = watch.movingSince, since.duration(to: .now) >= Self.longestMoving { watch.observed.isStandInNearlyEmpty = true }
    }

    private func move(_ queue: String, _ exchange: String, isSealed: Bool, for name: String) async throws(BrokerError) {
        if watches[name]?.movingSince == nil { watches[name]?.movingSince = .now }
        let outcome: MoveOutcome
        do {
            outcome = try await mover.move(from: queue, through: exchange, limit: Self.moveLimit)
        } catch {
            throw BrokerError(.unreachable, "messages of \(queue) could not be moved: \(error)", underlying: error)
        }
        guard outcome.hasCaughtUp else { return }
        watches[name]?.observed.isStandInNearlyEmpty = true
        if isSealed { watches[name]?.observed.isStandInEmpty = try await administrator.isEmpty(queue) }
    }
}
