/// What the probes have said of a process so far.
package struct ProcessHealth: Sendable, Equatable {
    /// Its startup probe has succeeded, or it has none.
    package var isStarted: Bool
    package var isReady: Bool
    package var hasBeenReady: Bool
    /// Its main process is gone; the keeper is clearing up the rest.
    package var isEnding = false
    package var startup = ProbeTally()
    package var readiness = ProbeTally()
    package var liveness = ProbeTally()

    init(isStarted: Bool, isReady: Bool) {
        self.isStarted = isStarted
        self.isReady = isReady
        hasBeenReady = isReady
    }
}
