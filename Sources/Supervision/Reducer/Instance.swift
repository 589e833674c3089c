/// One instance of a service, over all its processes.
package struct Instance: Sendable, Equatable {
    /// What becomes of it once its process has ended.
    package enum Intent: Sendable, Equatable {
        case run
        case stop
        /// It is no longer wanted, not even as a line in the status.
        case remove
    }

    /// Why a process is being ended.
    package enum EndCause: Sendable, Equatable {
        case asked
        /// Counts as a death.
        case unhealthy(String)
    }

    package let number: Int
    package var phase: InstancePhase = .stopped
    package var intent: Intent = .run
    package var endCause: EndCause = .asked
    /// Set: its process is to be replaced when its turn comes.
    package var replacement: Wish?
    package var history = RestartHistory()
    package var restarts = 0
    package var generation = 0
    package var lastExit: Termination?
    /// Why its latest process could not be started.
    package var lastProblem: String?

    package init(number: Int) { self.number = number }
}
