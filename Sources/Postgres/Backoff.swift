/// Growing pauses between attempts.
struct Backoff: Sendable, Equatable {
    var initial: Duration
    var maximum: Duration

    /// Between attempts to connect while the server is away: 50, 100, 200, 400, 800, 1000, 1000 … ms.
    static let connecting = Backoff(initial: .milliseconds(50), maximum: .seconds(1))
    /// Between runs of a transaction that lost against another: 5, 10, 20 … 500 ms.
    static let serialization = Backoff(initial: .milliseconds(5), maximum: .milliseconds(500))

    /// - Parameters:
    ///   - attempt: how many have failed, from 1.
    ///   - jitter: 0 to 1, a random number: the pause is between one half and all of the nominal one, so that those who collided part.
    func pause(after attempt: Int, jitter: Double) -> Duration {
        let doublings = min(max(attempt - 1, 0), 20)
        let nominal = min(initial * (1 << doublings), maximum)
        return nominal * (0.5 + 0.5 * min(max(jitter, 0), 1))
    }
}
