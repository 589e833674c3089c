/// How many workers of a queue work at once. Those that wait for each other's locks do less together than one alone with large transactions:
/// contention halves their number, and after a while without it one more is tried; where that fails, the next trial comes later.
struct WorkerLimit: Sendable {
    static let firstPause: Duration = .seconds(1)
    static let longestPause: Duration = .seconds(30)
    /// A run is contended whose statements waited for at least so much longer than they need, and for so much of its time.
    private static let wait: Duration = .milliseconds(3)
    private static let share = 0.25

    let maximum: Int
    private(set) var value: Int
    private var pause = Self.firstPause
    private var trialDue: ContinuousClock.Instant?
    private var isTrial = false

    init(maximum: Int) {
        self.maximum = max(1, maximum)
        value = self.maximum
    }

    /// - Parameters:
    ///   - waited: of the run's statements, beyond what they need.
    ///   - total: its handlers' time.
    ///   - others: how many workers were at work beside it.
    mutating func ended(waited: Duration, of total: Duration, beside others: Int, at now: ContinuousClock.Instant) {
        let isContended = others > 0 && waited >= Self.wait && waited >= total * Self.share
        if isContended, value > 1 {
            pause = isTrial ? min(pause * 2, Self.longestPause) : Self.firstPause
            value = isTrial ? value - 1 : value / 2
            isTrial = false
            trialDue = now + pause
        } else if let due = trialDue, now >= due {
            isTrial = true
            value += 1
            trialDue = value < maximum ? now + pause : nil
        }
    }
}
