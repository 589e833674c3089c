/// What the leading relay knows beside its pipeline: whether there may be more to read, when something is due, and whether anything goes
/// through at all. Decisions only.
struct OutboxLeadership: Sendable {
    static let firstAwayPause: Duration = .milliseconds(100)
    static let longestAwayPause: Duration = .seconds(5)
    /// Between looks at the oldest row and the next due one, and at the table without being woken.
    static let lookInterval: Duration = .seconds(1)

    var pipeline: OutboxPipeline
    private var mayHold = true
    private var now: Timestamp
    private var nextLook: Timestamp
    private var nextSchedule: Timestamp
    /// When the next row that was put off is due.
    private var nextPutOff: Timestamp?
    private var awayPause = Self.firstAwayPause
    private var awayUntil: Timestamp?

    init(pipeline: OutboxPipeline = OutboxPipeline(), now: Timestamp) {
        self.pipeline = pipeline
        self.now = now
        nextLook = now
        nextSchedule = now
    }

    /// The broker's answers.
    ///
    /// - Returns: why nothing goes through, where that is so since these answers.
    mutating func settle(_ answers: [(id: Int, result: OutboxResult)]) -> String? {
        var failure: String?
        for (id, result) in answers {
            pipeline.settle(id, result)
            switch result {
            case .away(let cause): failure = cause
            case .confirmed, .unroutable, .refused: awayPause = Self.firstAwayPause
            }
        }
        guard let failure else { return nil }
        let isNew = awayUntil == nil
        awayUntil = now.advanced(by: awayPause)
        awayPause = min(awayPause * 2, Self.longestAwayPause)
        pipeline.dropWaiting()
        mayHold = true
        return isNew ? failure : nil
    }

    /// Somebody committed.
    mutating func mayHaveMore() {
        mayHold = true
        // It may have been a scheduled event, earlier than the next one.
        nextSchedule = min(nextSchedule, now)
    }

    mutating func turned(at now: Timestamp) {
        self.now = now
        if let awayUntil, now >= awayUntil { self.awayUntil = nil }
        if let nextPutOff, now >= nextPutOff {
            self.nextPutOff = nil
            mayHold = true
        }
    }

    var isAway: Bool { awayUntil != nil }
    var isScheduleDue: Bool { now >= nextSchedule }
    var isOutlookDue: Bool { now >= nextLook }
    /// While the pipeline is half full there is no need.
    var wantsRead: Bool {
        (mayHold || isOutlookDue || pipeline.hasRoomForDeclined) && !isAway && pipeline.room > pipeline.limits.held / 2
    }

    mutating func read(_ rows: [OutboxRow], isAll: Bool) {
        pipeline.add(rows)
        mayHold = !isAll
    }

    mutating func scheduleRead(next: Timestamp?) {
        nextSchedule = min(next ?? .distantFuture, now.advanced(by: Self.lookInterval))
    }

    mutating func outlook(nextDue: Timestamp?, at now: Timestamp) {
        nextLook = now.advanced(by: Self.lookInterval)
        nextPutOff = nextDue
    }

    mutating func putOff(until due: Timestamp) {
        nextPutOff = min(nextPutOff ?? due, due)
    }

    /// Whether another turn has something to do at once.
    func hasWork(isEnding: Bool) -> Bool {
        pipeline.hasChanges || !isEnding && (wantsRead || isScheduleDue)
    }

    /// Until something is due.
    func pause(now: Timestamp, longest: Duration) -> Duration {
        let due = [nextLook, nextSchedule, nextPutOff, awayUntil].compactMap(\.self).min() ?? nextLook
        return max(.milliseconds(1), min(now.duration(to: due), longest))
    }
}
