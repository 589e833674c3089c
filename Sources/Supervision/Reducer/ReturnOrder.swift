/// The order in which instances start whose dependency has come back: a few at a time, so that they do not all fall upon it at once.
struct ReturnOrder: Sendable {
    private var at: Duration = .zero
    private var count = 0

    /// When the next one may start.
    mutating func next(now: Duration, random: inout SeededGenerator) -> Duration {
        if at < now {
            at = now
            count = 0
        } else if count == SupervisionState.returningAtOnce {
            at += SupervisionState.returnInterval * Double.random(in: 0.8...1.2, using: &random)
            count = 0
        }
        count += 1
        return at
    }
}
