/// What the leading relay knows beside its pipeline: whether there may be more to read, when something is due, and whether anything goes
/// through at all. Decisions only.
struct OutboxLeadership: Sendable {
    static let firstAwayPause: Duration = .milliseconds(100)
    static let longestAwayPause: Duration = .seconds(5)
    /// Between looks at the oldest row and the next due one, and at the table without being woken.
    static let lookInterval: Duration = .seconds(1)
    /// Between two reads of a table that had no more: under load each then brings many rows, and a commit after a rest is not kept waiting.
    /// In real time: it is the machine's, whatever the service's clock says.
    static let readInterval: Duration = .milliseconds(4)

    var pipeline: OutboxPipeline
    private var mayHold = true
    /// Of the next read where the last one brought all there was.
    private var nextRead: ContinuousClock.Instant?
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

    /// How long to leave alone what was committed, in real time; nil: there is nothing, or it is read at once.
    func gatheringRest(real: ContinuousClock.Instant) -> Duration? {
        guard mayHold, !isAway, let nextRead else { return nil }
        return max(.zero, real.duration(to: nextRead))
    }

    /// Somebody committed.
    mutating func mayHaveMore() {
        mayHold = true
    }

    /// Somebody scheduled an event, which may be earlier than the next one.
    mutating func scheduleMayHaveMore() {
        nextSchedule = min(nextSchedule, now)
    }

    /// - Parameter real: the machine's time.
    mutating func turned(at now: Timestamp, real: ContinuousClock.Instant) {
        self.now = now
        if let nextRead, real >= nextRead { self.nextRead = nil }
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
        (mayHold && nextRead == nil || isOutlookDue || pipeline.hasRoomForDeclined) && !isAway
            && pipeline.room > pipeline.limits.held / 2
    }

    /// Something was committed that has not been looked for.
    var mayHaveUnread: Bool { mayHold && !isAway }

    mutating func read(_ rows: [OutboxRow], isAll: Bool, real: ContinuousClock.Instant) {
        pipeline.add(rows)
        mayHold = !isAll
        nextRead = isAll ? real + Self.readInterval : nil
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
