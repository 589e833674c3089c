/// Pauses that double from one failure to the next, up to a bound: for 100 ms and 5 s they are 100, 200, 400, 800, 1600, 3200, 5000, 5000 … ms.
struct Backoff: Sendable, Equatable {
    let initial: Duration
    let maximum: Duration
    private var following: Duration

    init(initial: Duration = .milliseconds(100), maximum: Duration = .seconds(5)) {
        self.initial = initial
        self.maximum = maximum
        following = initial
    }

    /// The pause after one more failure, not yet jittered.
    mutating func next() -> Duration {
        let pause = following
        following = min(following * 2, maximum)
        return pause
    }

    mutating func reset() {
        following = initial
    }
}
