/// Who is to be woken when. Decisions only.
struct Timeline {
    private struct Sleeper {
        let id: UInt64
        let deadline: Duration
        let continuation: CheckedContinuation<Bool, Never>
    }

    struct Due {
        let offset: Duration
        var timers: [@Sendable () -> Void] = []
        /// In the order of their deadlines.
        var sleepers: [CheckedContinuation<Bool, Never>] = []
    }

    private(set) var offset: Duration = .zero
    /// Calls of the clock and the broker.
    var activity: UInt64 = 0
    var timers: [UInt64: (at: Duration, body: @Sendable () -> Void)] = [:]
    private var sleepers: [Sleeper] = []
    private var cancelledBeforeSleeping: Set<UInt64> = []
    private var sleeping: Set<UInt64> = []
    private var lastID: UInt64 = 0

    var sleeperCount: Int { sleepers.count }

    mutating func makeID() -> UInt64 {
        lastID += 1
        sleeping.insert(lastID)
        return lastID
    }

    /// - Returns: whether it was cancelled, where it need not sleep.
    mutating func sleep(_ id: UInt64, for duration: Duration, _ continuation: CheckedContinuation<Bool, Never>) -> Bool? {
        if cancelledBeforeSleeping.remove(id) != nil {
            sleeping.remove(id)
            return true
        }
        guard duration > .zero else {
            sleeping.remove(id)
            return false
        }
        let sleeper = Sleeper(id: id, deadline: offset + duration, continuation: continuation)
        // Those of one deadline wake as they came.
        let index = sleepers.firstIndex { $0.deadline > sleeper.deadline } ?? sleepers.endIndex
        sleepers.insert(sleeper, at: index)
        return nil
    }

    /// - Returns: the sleeper; nil when it sleeps no more, or not yet.
    mutating func cancel(_ id: UInt64) -> CheckedContinuation<Bool, Never>? {
        guard sleeping.remove(id) != nil else { return nil }
        guard let index = sleepers.firstIndex(where: { $0.id == id }) else {
            cancelledBeforeSleeping.insert(id)
            return nil
        }
        return sleepers.remove(at: index).continuation
    }

    /// Goes to the next time at which something is due.
    /// - Parameter earliestStop: sleepers are not woken before it.
    /// - Returns: nil when nothing is due until the target, at which it is now.
    mutating func takeNext(until target: Duration, earliestStop: Duration) -> Due? {
        let nextTimer = timers.values.map(\.at).min()
        let nextSleeper = sleepers.first.map { max($0.deadline, min(earliestStop, target)) }
        guard let next = [nextTimer, nextSleeper].compactMap(\.self).min(), next <= target else {
            offset = max(offset, target)
            return nil
        }
        offset = max(offset, next)
        var due = Due(offset: offset)
        for (id, timer) in timers.filter({ $0.value.at <= offset }).sorted(by: { ($0.value.at, $0.key) < ($1.value.at, $1.key) }) {
            timers[id] = nil
            due.timers.append(timer.body)
        }
        guard let nextSleeper, nextSleeper <= offset else { return due }
        let count = sleepers.firstIndex { $0.deadline > offset } ?? sleepers.endIndex
        for sleeper in sleepers.prefix(count) {
            sleeping.remove(sleeper.id)
            due.sleepers.append(sleeper.continuation)
        }
        sleepers.removeFirst(count)
        return due
    }
}
