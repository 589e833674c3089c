/// Which of the deliveries in hand is begun next, and by whom. Those of one key are begun in their order, and never by two workers at once:
/// a key belongs to whoever has one of its messages, until that is over. Decisions only.
struct DeliveryDesk: Sendable {
    typealias Worker = Int

    private enum Holder: Sendable, Equatable {
        case worker(Worker)
        /// One of its messages pauses before its next attempt.
        case aside
    }

    struct Aside: Sendable {
        var due: Timestamp
        var message: MessageInHand
    }

    /// Not begun, in their order.
    private(set) var waiting: [MessageInHand] = []
    private var asides: [Aside] = []
    private var holders: [String: Holder] = [:]

    /// How much one worker takes at once.
    struct Portion: Sendable {
        /// Of the handlers' time, by what they took before.
        var budget: Duration
        var count: Int
        /// The worker has others in the same transaction already.
        var isContinuation: Bool
    }

    mutating func add(_ message: MessageInHand) {
        if !message.id.isEmpty,
            let index = waiting.firstIndex(where: { $0.id == message.id && $0.replay == message.replay && $0.position == nil })
        {
            waiting[index].absorb(message)
        } else {
            waiting.append(message)
        }
    }

    /// What this worker begins now; its keys are the worker's until `release`. Empty where nothing can be begun.
    mutating func take(for worker: Worker, _ portion: Portion, cost: (MessageInHand) -> Duration) -> [MessageInHand] {
        var taken: [MessageInHand] = []
        var passedOver: Set<String> = []
        var ids: Set<String> = []
        var budget = portion.budget
        var indices: Set<Int> = []
        for (index, message) in waiting.enumerated() {
            if taken.count >= portion.count { break }
            if passedOver.contains(message.key) { continue }
            if let holder = holders[message.key], holder != .worker(worker) { continue }
            let isFirst = taken.isEmpty && !portion.isContinuation
            let cost = cost(message)
            guard isFirst || !message.isSolitary && cost <= budget && !ids.contains(message.id) else {
                if !message.key.isEmpty { passedOver.insert(message.key) }
                continue
            }
            taken.append(message)
            indices.insert(index)
            ids.insert(message.id)
            budget -= cost
            if !message.key.isEmpty { holders[message.key] = .worker(worker) }
            if message.isSolitary { break }
        }
        if !taken.isEmpty { removeWaiting(indices) }
        return taken
    }

    /// Takes what waits behind the first `count`, of keys that nobody has and that none of the first has: for another instance to handle.
    mutating func takeSurplus(for worker: Worker, behind count: Int, atMost limit: Int) -> [MessageInHand] {
        let first = Set(waiting.prefix(count).map(\.key))
        var passedOver: Set<String> = []
        var taken: [MessageInHand] = []
        var indices: Set<Int> = []
        for (index, message) in waiting.enumerated().dropFirst(count) {
            if taken.count >= limit { break }
            if !message.key.isEmpty, first.contains(message.key) || passedOver.contains(message.key) { continue }
            let holder = holders[message.key]
            guard holder == nil || holder == .worker(worker), !message.isSolitary, message.flaw == nil, message.failure == nil else {
                if !message.key.isEmpty { passedOver.insert(message.key) }
                continue
            }
            taken.append(message)
            indices.insert(index)
            if !message.key.isEmpty { holders[message.key] = .worker(worker) }
        }
        if !taken.isEmpty { removeWaiting(indices) }
        return taken
    }

    private mutating func removeWaiting(_ indices: Set<Int>) {
        waiting = waiting.enumerated().filter { !indices.contains($0.offset) }.map(\.element)
    }

    /// What was taken and not done with goes back to where it came from.
    mutating func giveBack(_ messages: [MessageInHand]) {
        waiting = messages + waiting
    }

    /// The message pauses; its key's others wait for it.
    mutating func setAside(_ message: MessageInHand, until due: Timestamp) {
        asides.append(Aside(due: due, message: message))
        if !message.key.isEmpty { holders[message.key] = .aside }
    }

    /// The worker has nothing in hand any more.
    mutating func release(_ worker: Worker) {
        holders = holders.filter { $0.value != .worker(worker) }
    }

    /// Those whose pause is over come first.
    mutating func recallAsides(at now: Timestamp) {
        let due = asides.filter { $0.due <= now }.sorted { $0.due < $1.due }
        guard !due.isEmpty else { return }
        asides.removeAll { $0.due <= now }
        for aside in due where !aside.message.key.isEmpty { holders[aside.message.key] = nil }
        waiting = due.map(\.message) + waiting
    }

    var nextDue: Timestamp? { asides.map(\.due).min() }
}
