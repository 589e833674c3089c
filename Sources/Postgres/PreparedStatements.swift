/// Which statements one session has prepared: those that come again. The server then neither parses nor plans them anew each time.
struct PreparedStatements {
    /// So many are told apart; others are sent as they are.
    static let maximum = 256
    /// A plan that was made for an empty table is not kept for longer, whatever the table is by then.
    static let lifetime: Duration = .seconds(30)

    enum Use: Equatable {
        /// Sent as it is.
        case plain
        case prepared(String)
        /// To be prepared under this name first, and what is under the other dropped.
        case prepare(String, dropping: String?)
    }

    private struct Entry {
        var name: String?
        var preparedAt: ContinuousClock.Instant
    }

    private var entries: [String: Entry] = [:]
    private var lastNumber = 0
    /// A pooler between us and the server may give each transaction another session: then nothing is prepared any more.
    private(set) var isAllowed = true

    mutating func use(_ sql: String, at now: ContinuousClock.Instant) -> Use {
        guard isAllowed else { return .plain }
        guard let entry = entries[sql] else {
            if entries.count < Self.maximum { entries[sql] = Entry(preparedAt: now) }
            return .plain
        }
        if let name = entry.name, entry.preparedAt.duration(to: now) < Self.lifetime { return .prepared(name) }
        lastNumber += 1
        return .prepare("s\(lastNumber)", dropping: entry.name)
    }

    /// It is there.
    mutating func isPrepared(_ sql: String, _ name: String, at now: ContinuousClock.Instant) {
        entries[sql] = Entry(name: name, preparedAt: now)
    }

    mutating func isDropped(_ sql: String) { entries[sql]?.name = nil }

    /// Every name may be wrong: the tables are not what they were when the plans were made.
    mutating func forget() { entries = [:] }

    mutating func disallow() {
        entries = [:]
        isAllowed = false
    }
}
