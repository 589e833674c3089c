/// What is due when, soonest first: a binary heap.
struct DeadlineQueue<Key> {
    private var entries: [(deadline: Duration, key: Key)] = []

    var next: Duration? { entries.first?.deadline }
    var count: Int { entries.count }

    mutating func insert(_ key: Key, at deadline: Duration) {
        entries.append((deadline, key))
        var child = entries.count - 1
        while child > 0, entries[child].deadline < entries[(child - 1) / 2].deadline {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The soonest, if it is due.
    mutating func popDue(at now: Duration) -> Key? {
        guard let first = entries.first, first.deadline <= now else { return nil }
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < entries.count && entries[child].deadline < entries[least].deadline { least = child }
            guard least != parent else { return first.key }
            entries.swapAt(parent, least)
            parent = least
        }
    }
}
