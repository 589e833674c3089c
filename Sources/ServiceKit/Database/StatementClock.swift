internal import Synchronization

/// How long a handler waits for its statements, and how much longer than they need: for locks of other transactions, most likely.
final class StatementClock: Sendable {
    private let needs: StatementNeeds
    private let time = Mutex((total: Duration.zero, excess: Duration.zero))

    init(_ needs: StatementNeeds) {
        self.needs = needs
    }

    func measure<T>(_ sql: String, _ body: () async throws -> T) async throws -> T {
        let start = ContinuousClock.now
        defer {
            let taken = ContinuousClock.now - start
            let excess = needs.excess(of: taken, sql: sql)
            time.withLock {
                $0.total += taken
                $0.excess += excess
            }
        }
        return try await body()
    }

    var excess: Duration { time.withLock { $0.excess } }
}
