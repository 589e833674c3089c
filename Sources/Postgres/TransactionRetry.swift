/// Whether a transaction that failed is run again.
enum TransactionRetry: Equatable {
    case again(after: Duration)
    case giveUp
    /// The outcome of COMMIT is not known: to run it again could do everything twice.
    case commitUnknown

    /// How far the transaction had come.
    enum Phase: Sendable {
        /// BEGIN was not yet answered.
        case begin
        /// In the caller's body: nothing has taken effect, nothing can.
        case body
        /// COMMIT has been sent.
        case commit
    }

    static let maximumAttempts = 100

    /// - Parameters:
    ///   - attempt: how many have failed, from 1.
    ///   - remaining: until the deadline.
    ///   - jitter: 0 to 1, a random number.
    static func decide(
        _ failure: PostgresError.Code, in phase: Phase, attempt: Int, remaining: Duration, jitter: Double
    ) -> TransactionRetry {
        switch failure {
        case .connectionLost where phase == .commit, .timeout where phase == .commit, .cancelled where phase == .commit:
            return .commitUnknown
        case .connectionLost:
            // The wait for the server to come back is in connecting anew.
            return isWorthwhile(attempt, .zero, remaining) ? .again(after: .zero) : .giveUp
        case .sqlState("40001"), .sqlState("40P01"):
            let pause = Backoff.serialization.pause(after: attempt, jitter: jitter)
            return isWorthwhile(attempt, pause, remaining) ? .again(after: pause) : .giveUp
        default:
            return .giveUp
        }
    }

    private static func isWorthwhile(_ attempt: Int, _ pause: Duration, _ remaining: Duration) -> Bool {
        attempt < maximumAttempts && pause < remaining
    }
}
