internal import Synchronization

/// Where the workers of one queue get their work: deliveries in hand, or a look at the table of waiting messages.
final class WorkBoard: Sendable {
    enum Work: Sendable {
        case deliveries([MessageInHand])
        case table
    }

    private struct Idle {
        var worker: DeliveryDesk.Worker
        var continuation: CheckedContinuation<Work?, Never>
    }

    private struct State {
        var desk = DeliveryDesk()
        var costs = HandlerCosts()
        var idle: [Idle] = []
        var isTableDue = true
        /// Whose turn it is where there is work of both kinds.
        var isTablesTurn = false
        var tableDue: Timestamp?
        var isStopped = false
        /// When each worker that has deliveries in hand got them.
        var begun: [DeliveryDesk.Worker: ContinuousClock.Instant] = [:]
        var limit: WorkerLimit
        var lastEnd: ContinuousClock.Instant?
    }

    /// So long a worker that has just begun is left to take what comes, before another one begins with it: few large transactions do more
    /// than many small ones. Handlers that take longer run side by side.
    static let headStart: Duration = .milliseconds(10)
    /// So long after a transaction what comes is gathered for the next one. A message after a rest is not kept waiting.
    static let gathering: Duration = .milliseconds(3)
    /// Of handlers' time in one transaction, and messages: each savepoint that wrote costs PostgreSQL a transaction id of its own, of which
    /// it keeps 64 a session at hand. Tests and measurements bind others.
    @TaskLocal static var budget: Duration = .milliseconds(25)
    @TaskLocal static var batchSize = 60

    private let state: Mutex<State>
    private let clock: ServiceClock
    private let batchSize = WorkBoard.batchSize
    private let budget = WorkBoard.budget
    /// Something may be due earlier than the timekeeper thinks.
    let changed = WakeUp()
    /// Work waits for the end of a head start.
    let heldBack = WakeUp()

    init(clock: ServiceClock, workers: Int = EventConsumer.workers) {
        self.clock = clock
        state = Mutex(State(limit: WorkerLimit(maximum: workers)))
    }

    // MARK: For the workers

    /// - Returns: nil when there is to be no more, and for a cancelled task.
    func next(_ worker: DeliveryDesk.Worker) async -> Work? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let work = state.withLock { state -> Work?? in
                    if state.isStopped || Task.isCancelled { return .some(nil) }
                    if let work = self.work(for: worker, &state) { return work }
                    state.idle.append(Idle(worker: worker, continuation: continuation))
                    return nil
                }
                if let work { continuation.resume(returning: work) }
            }
        } onCancel: {
            stop()
        }
    }

    /// More for a worker that is in a transaction, of what is at hand.
    func more(_ worker: DeliveryDesk.Worker, budget: Duration, count: Int) -> [MessageInHand] {
        guard budget > .zero, count > 0 else { return [] }
        return state.withLock { state in
            // A look at the table, or whoever waits for one, must not starve.
            guard !state.isStopped, !state.isTableDue else { return [] }
            let costs = state.costs
            return state.desk.take(for: worker, .init(budget: budget, count: count, isContinuation: true)) {
                costs.cost(of: $0.metadata.type)
            }
        }
    }

    /// The worker has nothing in hand any more but what it hands back here.
    /// - Parameters:
    ///   - asides: that pause until the time beside them.
    ///   - costs: what each handler took, without its waits for locks.
    ///   - waited: for those.
    func finished(
        _ worker: DeliveryDesk.Worker, asides: [(MessageInHand, Timestamp)] = [], returned: [MessageInHand] = [],
        costs: [(type: String, duration: Duration)] = [], waited: Duration = .zero
    ) {
        change { state in
            for (type, duration) in costs { state.costs.took(duration, type: type) }
            if state.begun.removeValue(forKey: worker) != nil {
                let total = costs.reduce(waited) { $0 + $1.duration }
                let now = ContinuousClock.now
                state.limit.ended(waited: waited, of: total, beside: state.begun.count, at: now)
                state.lastEnd = now
            }
            state.desk.giveBack(returned)
            state.desk.release(worker)
            for (message, due) in asides { state.desk.setAside(message, until: due) }
        }
        if !asides.isEmpty { changed.wake() }
    }

    private func work(for worker: DeliveryDesk.Worker, _ state: inout State) -> Work? {
        if state.isTableDue, state.isTablesTurn || state.desk.waiting.isEmpty { return Self.table(&state) }
        let costs = state.costs
        let portion = DeliveryDesk.Portion(budget: budget, count: batchSize, isContinuation: false)
        switch holdingBack(state) {
        // Until another worker has finished.
        case .limit: break
        case .time: heldBack.wake()
        case nil:
            let messages = state.desk.take(for: worker, portion) { costs.cost(of: $0.metadata.type) }
            if !messages.isEmpty {
                state.isTablesTurn = true
                state.begun[worker] = .now
                return .deliveries(messages)
            }
        }
        return state.isTableDue ? Self.table(&state) : nil
    }

    private enum HoldingBack {
        case limit, time
    }

    /// Why a worker is not to begin with what waits.
    private func holdingBack(_ state: State) -> HoldingBack? {
        let count = state.desk.waiting.count
        guard count > 0 else { return nil }
        if state.begun.count >= state.limit.value { return .limit }
        guard count < batchSize else { return nil }
        if let last = state.begun.values.max(), last.duration(to: .now) < Self.headStart { return .time }
        if let lastEnd = state.lastEnd, lastEnd.duration(to: .now) < Self.gathering { return .time }
        return nil
    }

    /// Head starts may be over.
    func headStartsEnd() { change { _ in } }

    private static func table(_ state: inout State) -> Work {
        state.isTableDue = false
        state.isTablesTurn = false
        return .table
    }

    /// Changes the state and gives idle workers what they can do now.
    private func change(_ body: (inout State) -> Void) {
        let handed = state.withLock { state -> [(Idle, Work)] in
            body(&state)
            var handed: [(Idle, Work)] = []
            while !state.isStopped, let idle = state.idle.first, let work = self.work(for: idle.worker, &state) {
                state.idle.removeFirst()
                handed.append((idle, work))
            }
            return handed
        }
        for (idle, work) in handed { idle.continuation.resume(returning: work) }
    }

    /// How many rows of the table one worker takes: what it does not come to is locked all the while.
    var tablePortion: Int {
        let cost = max(state.withLock { $0.costs.mean }, .microseconds(1))
        return Int(max(1, min(budget / cost, Double(WaitingTable.batchSize))))
    }

    // MARK: For those who bring work

    func add(_ message: MessageInHand) {
        change { $0.desk.add(message) }
    }

    /// There may be due rows in the table.
    func tableMayBeDue() {
        change { $0.isTableDue = true }
    }

    /// Something in the table will be due then; nil: nothing that is known.
    func tableIsDue(noLaterThan time: Timestamp?) {
        guard let time else { return }
        state.withLock { $0.tableDue = min($0.tableDue ?? time, time) }
        changed.wake()
    }

    /// When the timekeeper has to look again.
    var nextDue: Timestamp? {
        state.withLock { state in [state.desk.nextDue, state.tableDue].compactMap(\.self).min() }
    }

    func recall() {
        let now = clock.timestamp
        change { state in
            state.desk.recallAsides(at: now)
            if let due = state.tableDue, due <= now {
                state.tableDue = nil
                state.isTableDue = true
            }
        }
    }

    /// Whether more is in hand than can be begun soon.
    func hasSurplus(workers: Int) -> Bool {
        state.withLock { Self.kept($0, workers: workers) != nil }
    }

    /// What is to be passed on to other instances.
    func takeSurplus(_ worker: DeliveryDesk.Worker, workers: Int, atMost limit: Int) -> [MessageInHand] {
        state.withLock { state in
            guard let kept = Self.kept(state, workers: workers) else { return [] }
            return state.desk.takeSurplus(for: worker, behind: kept, atMost: limit)
        }
    }

    private static func kept(_ state: State, workers: Int) -> Int? {
        let limit = min(workers, state.limit.value)
        guard !state.isStopped, state.idle.isEmpty || state.begun.count >= limit else { return nil }
        return SharingDecision.kept(backlog: state.desk.waiting.count, workers: limit, cost: state.costs.mean)
    }

    /// No more is begun. What is not begun is forgotten: whoever stops it gives it back to the broker.
    func stop() {
        let idle = state.withLock { state in
            state.isStopped = true
            defer { state.idle = [] }
            return state.idle
        }
        for worker in idle { worker.continuation.resume(returning: nil) }
        changed.wake()
        heldBack.wake()
    }

    var isStopped: Bool { state.withLock { $0.isStopped } }
}
