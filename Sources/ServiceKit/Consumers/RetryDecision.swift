/// What to do with a message after an attempt to handle it has failed.
enum RetryDecision: Sendable, Equatable {
    /// In this process, after a small pause.
    case attemptAgain(after: Duration)
    /// After the ladder's delay of this rung, from 0.
    case retryLater(rung: Int)
    case deadLetter

    /// Before the first attempt more; doubled before each that follows.
    static let firstPause: Duration = .milliseconds(50)
    static let longestPause: Duration = .seconds(1)
    /// By how much a delay of the ladder is longer or shorter than it says, so that those that failed together do not come back together.
    static let jitter = 0.1

    /// One attempt and `immediate` more at once, then one after each delay.
    ///
    /// - Parameter attempts: all that were made so far, the failed one included.
    static func afterFailure(attempts: Int, settings: QueueSettings) -> RetryDecision {
        if attempts <= settings.immediate {
            return .attemptAgain(after: min(firstPause * (1 << min(max(attempts - 1, 0), 16)), longestPause))
        }
        let rung = attempts - settings.immediate - 1
        return settings.delays.indices.contains(rung) ? .retryLater(rung: rung) : .deadLetter
    }
}
