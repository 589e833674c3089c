/// Pauses before connecting again: none, then 100, 200, 400 … ms up to 5 s, each shortened by up to a half at random, so that the clients
/// of a server that comes back do not all call at once.
enum ReconnectBackoff {
    static let initial: Duration = .milliseconds(100)
    static let maximum: Duration = .seconds(5)

    /// - Parameters:
    ///   - failures: attempts that failed in a row.
    ///   - jitter: 0 to 1, a random number.
    static func pause(failures: Int, jitter: Double) -> Duration {
        guard failures > 0 else { return .zero }
        return min(initial * (1 << min(failures - 1, 16)), maximum) * (1 - 0.5 * min(max(jitter, 0), 1))
    }
}
