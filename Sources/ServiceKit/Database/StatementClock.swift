internal import Synchronization

/// How much longer than they need a handler waits for its statements: for locks of other transactions, most likely.
final class StatementClock: Sendable {
    private let needs: StatementNeeds
    private let sum = Mutex(Duration.zero)

    init(_ needs: StatementNeeds) {
        self.needs = needs
    }

    func measure<T>(_ sql: String, _ body: () async throws -> T) async throws -> T {
        let start = ContinuousClock.now
        defer {
            let excess = needs.excess(of: .now - start, sql: sql)
            sum.withLock { $0 += excess }
        }
        return try await body()
    }

    var excess: Duration { sum.withLock { $0 } }
}
