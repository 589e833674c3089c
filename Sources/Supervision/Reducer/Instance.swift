/// One instance of a service, over all its processes.
package struct Instance: Sendable, Equatable {
    /// What becomes of it once its process has ended.
    package enum Intent: Sendable, Equatable {
        case run
        case stop
        /// It is no longer wanted, not even as a line in the status.
        case remove
    }

    /// The part of the process beside the main one.
    package enum Role: Sendable, Equatable {
        /// It takes the main one's place once it is ready. → leaving
        case successor
        /// It is being ended.
        case leaving
    }

    /// Its process is to be replaced when its turn comes.
    package struct Replacement: Sendable, Equatable {
        package var wish: Wish
        /// A person's wish, and not what a changed declaration entails.
        package var isRestart: Bool
    }

    package let number: Int
    package var main: Occupant
    package var companion: Occupant?
    package var role = Role.successor
    package var intent: Intent = .run
    package var replacement: Replacement?
    /// While an update is under way: its turn has not come, and a process that ends is started again from the declaration before.
    package var keepsPrevious = false
    /// A scheduled service: its next run begins as soon as nothing of the last one is left.
    package var isRunDue = false
    /// Of the declaration it has done its work with.
    package var completedFingerprint: String?
    package var restarts = 0
    /// When too many restarts made it give up.
    package var gaveUpAt: Duration?
    package var generation = 0
    package var lastExit: Termination?
    /// Why its latest process could not be started.
    package var lastProblem: String?
    /// What its process has last said of itself.
    package var statusText: String?

    package init(number: Int) {
        self.number = number
        main = Occupant(slot: .a)
    }

    package var phase: InstancePhase { main.phase }
    package var isLive: Bool { main.phase.isLive || companion?.phase.isLive == true }
    /// Nothing happens to it unless something else happens first.
    package var isAtRest: Bool { companion == nil && main.phase.isAtRest }
    package var hasSuccessor: Bool { companion != nil && role == .successor }
}
