/// When a probe is asked next, and which of its answers are worth telling. Pure.
struct ProbeRhythm: Sendable {
    /// Until the first success, so that what is up is known to be up at once. The failures meanwhile count once a period.
    static let quickPeriod = Duration.milliseconds(100)
    /// At most so much later than its initial delay the first question comes, so that many do not come at once.
    static let spread = Duration.milliseconds(30)

    let period: Duration
    let jitter: Double
    let successThreshold: Int
    private var isQuick: Bool
    private var successes = 0
    private var nextCount = Duration.zero

    /// - Parameters:
    ///   - jitter: the part of the period by which a question may come earlier or later.
    ///   - isQuick: it has not said yes before, and somebody waits for that.
    init(period: Duration, jitter: Double, successThreshold: Int, isQuick: Bool) {
        self.period = period
        self.jitter = min(max(jitter, 0), 1)
        self.successThreshold = successThreshold
        self.isQuick = isQuick
    }

    func first(after initialDelay: Duration, random: inout some RandomNumberGenerator) -> Duration {
        initialDelay + Self.spread * Double.random(in: 0...1, using: &random)
    }

    /// Questions come on the beats of a grid this much finer than their period, so that those of many probes share a turn of the loop.
    static let beatsAPeriod = 20

    /// - Parameter asked: on the clock of `now`.
    /// - Returns: when the next question comes.
    func next(asked: Duration, now: Duration, random: inout some RandomNumberGenerator) -> Duration {
        let period = isQuick ? min(period, Self.quickPeriod) : period
        let next = max(now, asked + period * Double.random(in: (1 - jitter)...(1 + jitter), using: &random))
        let beat = period / Self.beatsAPeriod
        return beat > .zero ? beat * Int((next / beat).rounded(.up)) : next
    }

    /// Whether the answer tells anything new. Further successes of what has succeeded often enough do not: most answers are those.
    mutating func isWorthTelling(_ answer: ProbeAnswer, at now: Duration) -> Bool {
        switch answer {
        case .success:
            isQuick = false
            guard successes < successThreshold else { return false }
            successes += 1
            return true
        case .failure:
            successes = 0
            guard isQuick else { return true }
            guard now >= nextCount else { return false }
            nextCount = now + period
            return true
        }
    }
}
