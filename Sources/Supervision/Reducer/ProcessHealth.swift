/// What the probes and the process itself have said of it so far.
package struct ProcessHealth: Sendable, Equatable {
    /// Its startup probe has succeeded, or it has none.
    package var isStarted: Bool
    package var isReady: Bool
    package var hasBeenReady: Bool
    /// It has said READY=1; that counts once it has started, and only where that is what is asked.
    package var hasSaidReady = false
    /// It has to say WATCHDOG=1 again by then. Nil: it need not, or not yet.
    package var watchdogUntil: Duration?
    package var startup = ProbeTally()
    package var readiness = ProbeTally()
    package var liveness = ProbeTally()

    init(isStarted: Bool, isReady: Bool) {
        self.isStarted = isStarted
        self.isReady = isReady
        hasBeenReady = isReady
    }
}
