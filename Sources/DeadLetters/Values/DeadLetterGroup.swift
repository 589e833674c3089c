/// Dead letters of one queue that have their type and, but for ids and numbers in it, their cause in common.
package struct DeadLetterGroup: Codable, Sendable, Equatable {
    /// Names it in `DeadLetterSelection`.
    package var group: String
    package var queue: String
    package var type: String
    /// The cause of the first of them.
    package var cause: String
    package var count: Int
    /// ISO 8601: when the first and the last of them failed for the first time.
    package var first: String?
    package var last: String?
    /// The first of them.
    package var example: String

    package init(
        group: String, queue: String, type: String, cause: String, count: Int, first: String? = nil, last: String? = nil, example: String
    ) {
        self.group = group
        self.queue = queue
        self.type = type
        self.cause = cause
        self.count = count
        self.first = first
        self.last = last
        self.example = example
    }

    /// The largest first.
    static func groups(of index: DeadLetterIndex, queue: String, selection: DeadLetterSelection) -> [DeadLetterGroup] {
        struct Tally {
            var example: LetterEntry
            var count = 0
            var first: Int64?
            var last: Int64?
        }
        var tallies: [UInt32: Tally] = [:]
        for entry in index.entries where selection.contains(entry) {
            var tally = tallies[entry.group] ?? Tally(example: entry)
            tally.count += 1
            if let time = entry.firstFailedAt {
                tally.first = min(tally.first ?? time, time)
                tally.last = max(tally.last ?? time, time)
            }
            tallies[entry.group] = tally
        }
        return tallies.map { id, tally in
            DeadLetterGroup(
                group: GroupID.text(id), queue: queue, type: tally.example.type, cause: tally.example.cause, count: tally.count,
                first: tally.first.map(LetterTime.text), last: tally.last.map(LetterTime.text), example: index.id(of: tally.example))
        }.sorted { ($1.count, $0.group) < ($0.count, $1.group) }
    }
}
