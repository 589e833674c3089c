/// Commands that were sent, in the order in which their answers will come. An answer nobody waits for any more still takes its turn.
struct InFlight<Waiter> {
    private struct Entry {
        var id: UInt64
        var deadline: ContinuousClock.Instant
        var waiter: Waiter?
    }

    private var entries: [Entry] = []
    /// Entries before this one are done; they are removed in bulk.
    private var head = 0

    var isEmpty: Bool { head == entries.count }
    var count: Int { entries.count - head }

    /// Deadlines are to come in order.
    mutating func append(_ id: UInt64, deadline: ContinuousClock.Instant, waiter: Waiter) {
        entries.append(Entry(id: id, deadline: deadline, waiter: waiter))
    }

    /// The next answer has come. Nil when none was expected; a nil waiter has given up.
    mutating func answered() -> Waiter?? {
        guard !isEmpty else { return nil }
        let waiter = entries[head].waiter
        entries[head].waiter = nil
        head += 1
        if head >= 1024, head * 2 >= entries.count {
            entries.removeFirst(head)
            head = 0
        }
        return .some(waiter)
    }

    mutating func abandon(_ id: UInt64) -> Waiter? {
        // Identifiers are given out in order.
        guard let index = entries[head...].firstIndex(where: { $0.id == id }) else { return nil }
        defer { entries[index].waiter = nil }
        return entries[index].waiter
    }

    /// Those whose time is over.
    mutating func expired(at now: ContinuousClock.Instant) -> [Waiter] {
        var waiters: [Waiter] = []
        for index in entries[head...].indices {
            guard entries[index].deadline <= now else { break }
            if let waiter = entries[index].waiter { waiters.append(waiter) }
            entries[index].waiter = nil
        }
        return waiters
    }

    /// When the next one that is still waited for expires.
    var nextDeadline: ContinuousClock.Instant? {
        entries[head...].first { $0.waiter != nil }?.deadline
    }

    mutating func removeAll() -> [Waiter] {
        defer {
            entries = []
            head = 0
        }
        return entries[head...].compactMap(\.waiter)
    }
}
