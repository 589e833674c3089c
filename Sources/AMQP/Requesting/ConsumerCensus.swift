/// What is known of who consumes the queues that requests are for, and whom to ask about when.
///
/// An answer is good for `freshness`. Past `renewal`, it is asked for anew while it is still in use, so that under load no request waits for
/// one. At most one question a queue is on its way at a time, whatever the number of requests.
struct ConsumerCensus {
    static let freshness: Duration = .milliseconds(10)
    static let renewal: Duration = .milliseconds(7)
    /// Queues that are remembered; more are asked about for each request.
    static let maximumQueues = 1024

    enum Standing: Equatable {
        case consumed
        /// Somebody will hear of it: to be asked again then.
        case unknown
    }

    struct Decision: Equatable {
        var standing: Standing
        /// The broker is to be asked, and `answered` or `lostQuestions` to be called.
        var isQuestionDue = false
    }

    private struct Entry {
        /// When the question was put to which the answer was that somebody consumes.
        var consumed: ContinuousClock.Instant?
        /// When the question was put that is on its way.
        var asked: ContinuousClock.Instant?
    }

    private var entries: [String: Entry] = [:]

    var count: Int { entries.count }

    mutating func decide(_ queue: String, at now: ContinuousClock.Instant) -> Decision {
        var entry = entries[queue] ?? Entry()
        let age = entry.consumed?.duration(to: now)
        let standing: Standing = if let age, age < Self.freshness { .consumed } else { .unknown }
        var decision = Decision(standing: standing)
        if entry.asked == nil, standing == .unknown || (age ?? .zero) >= Self.renewal {
            decision.isQuestionDue = true
            entry.asked = now
        }
        if entries[queue] == nil, entries.count >= Self.maximumQueues { forgetOld(now) }
        entries[queue] = entry
        return decision
    }

    /// - Parameter isConsumed: false also where there is no such queue.
    mutating func answered(_ queue: String, isConsumed: Bool) {
        guard let entry = entries[queue] else { return }
        entries[queue] = isConsumed ? Entry(consumed: entry.asked) : nil
    }

    /// The channel is gone by which they were asked.
    mutating func lostQuestions() {
        entries = [:]
    }

    private mutating func forgetOld(_ now: ContinuousClock.Instant) {
        entries = entries.filter { _, entry in
            entry.asked != nil || entry.consumed.map { $0.duration(to: now) < Self.freshness } == true
        }
    }
}
