/// How many dead letters of one queue are held unacknowledged at a time.
///
/// RabbitMQ takes a prefetch of at most 65,535, and for a quorum queue a prefetch without limit means 2,000. So the first consumer of a
/// channel takes a look, and others follow it as long as there is more and there is room.
struct HoldWindow {
    /// A look: by these it is known how large the queue's messages are.
    static let firstPrefetch = 1000
    static let laterPrefetch = 50_000
    /// Of one queue.
    static let mostLetters = 200_000
    /// Bytes in the state directory, of one queue.
    static let mostBytes = 1 << 30
    static let mostHolders = 20

    /// What each consumer holds, and may hold at most. Only the last one is given more.
    private(set) var holders: [(held: Int, prefetch: Int)] = [(0, HoldWindow.firstPrefetch)]

    /// The one to which a delivery that comes now belongs.
    var current: Int { holders.count - 1 }
    var held: Int { holders.reduce(0) { $0 + $1.held } }

    mutating func delivered() { holders[current].held += 1 }

    mutating func settled(by holder: Int) {
        guard holders.indices.contains(holder), holders[holder].held > 0 else { return }
        holders[holder].held -= 1
    }

    /// The broker gives no more by itself.
    var isFull: Bool { holders[current].held >= holders[current].prefetch }

    /// No consumer may follow: the rest of the queue is only counted.
    func isExhausted(bytes: Int) -> Bool {
        holders.count >= Self.mostHolders || held >= Self.mostLetters || bytes >= Self.mostBytes
    }

    /// The prefetch of a consumer that is to follow; nil: none is.
    /// - Parameter bytes: of what is held.
    mutating func extend(bytes: Int) -> Int? {
        guard isFull, !isExhausted(bytes: bytes) else { return nil }
        let average = max(1, bytes / max(1, held))
        let room = min(Self.mostLetters - held, (Self.mostBytes - bytes) / average, Self.laterPrefetch)
        guard room > 0 else { return nil }
        holders.append((0, room))
        return room
    }
}
