import Logging

/// Background work of a service: begun anew after a growing pause whenever it throws.
struct BackgroundLoop: Sendable {
    static let longestPause: Duration = .seconds(30)
    /// Work that went on for so long before it threw has its pauses begin small again.
    static let goodRun: Duration = .seconds(60)

    let name: String
    let body: @Sendable () async throws -> Void
    let clock: ServiceClock
    let logger: Logger

    /// Returns when the work returns or the task is cancelled.
    func run() async {
        var backoff = Backoff(maximum: Self.longestPause)
        while !Task.isCancelled {
            let start = ContinuousClock.now
            do {
                return try await body()
            } catch {
                if Task.isCancelled { return }
                if .now - start > Self.goodRun { backoff.reset() }
                logger.error("Background work failed and is begun anew", metadata: ["work": "\(name)", "error": "\(error)"])
                await clock.rest(for: backoff.next().jittered)
            }
        }
    }
}
