/// How long to wait before trying again: at once the first time, then 100 ms doubling to 1.5 s, each lengthened or shortened by up to a
/// quarter, so that many clients do not come back in step.
///
/// | failures | 1 | 2 | 3 | 4 | 5 | 6 and more |
/// | --- | --- | --- | --- | --- | --- | --- |
/// | wait (ms) | 0 | 100 | 200 | 400 | 800 | 1500 |
///
/// The longest is so short that a client is back within 5 s of its broker: at most 1.9 s until the attempt, then the log-in, and as long
/// again where the first attempt after the boot comes before the queues are there.
struct Backoff: Equatable {
    static let first: Duration = .milliseconds(100)
    static let longest: Duration = .milliseconds(1500)
    static let jitter = 0.25

    private(set) var failures = 0

    /// - Parameter random: 0 up to 1.
    mutating func next(random: Double) -> Duration {
        failures += 1
        guard failures > 1 else { return .zero }
        // Past this many doublings it is the longest anyway.
        let doubled = Self.first * (1 << min(failures - 2, 10))
        return min(doubled, Self.longest) * (1 - Self.jitter + 2 * Self.jitter * random)
    }

    mutating func reset() {
        failures = 0
    }
}
