/// What it means that a process ended in one of these ways.
package struct RestartException: Sendable, Equatable {
    package enum End: Sendable, Hashable {
        case status(Int32)
        /// The signal's number.
        case signal(Int32)
        case outOfMemory
    }

    package enum Consequence: String, Sendable, CaseIterable {
        /// It is started again, whatever the policy.
        case restart
        /// It has done its work.
        case complete
        /// It has failed, and waits for a person: starting it again would not help.
        case fail
    }

    package var ends: Set<End>
    package var consequence: Consequence

    package init(ends: Set<End>, consequence: Consequence) {
        self.ends = ends
        self.consequence = consequence
    }
}
