/// What a replay sends back, decided over the index alone.
struct ReplayPlan {
    /// A service's inbox knows for 35 days what it has handled; a day less, so that nothing is forgotten on the way.
    static let oldest: Int64 = 34 * 86_400

    /// In the queue's order.
    var letters: [LetterEntry] = []
    var tooOld: [LetterEntry] = []
    var unavailable: [LetterEntry] = []
    var overtakings: [Overtaking] = []

    struct Overtaking {
        var subject: String
        var staying: [LetterEntry]
        var overtakenBy: LetterEntry
    }

    /// - Parameters:
    ///   - now: seconds since 1970.
    ///   - isForced: old letters go as well.
    init(
        _ index: DeadLetterIndex, queue: String, selection: DeadLetterSelection, isForced: Bool, now: Int64
    ) throws(DeadLetterError) {
        var chosen: Set<LetterKey> = []
        for entry in try selection.entries(of: index, queue: queue) {
            if entry.place == nil {
                unavailable.append(entry)
            } else if !isForced, let time = entry.firstFailedAt ?? entry.publishedAt, now - time > Self.oldest {
                tooOld.append(entry)
            } else {
                letters.append(entry)
                chosen.insert(entry.key)
            }
        }
        findOvertakings(index, chosen)
    }

    private mutating func findOvertakings(_ index: DeadLetterIndex, _ chosen: Set<LetterKey>) {
        guard chosen.count < index.count else { return }
        var staying: [String: [LetterEntry]] = [:]
        var told: Set<String> = []
        for entry in index.entries where !entry.subject.isEmpty {
            if !chosen.contains(entry.key) {
                if !told.contains(entry.subject) { staying[entry.subject, default: []].append(entry) }
            } else if let before = staying[entry.subject], told.insert(entry.subject).inserted {
                overtakings.append(Overtaking(subject: entry.subject, staying: before, overtakenBy: entry))
            }
        }
    }
}
