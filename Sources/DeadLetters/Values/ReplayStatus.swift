/// How far a replay has come.
package struct ReplayStatus: Codable, Sendable, Equatable {
    package enum State: String, Codable, Sendable {
        /// It goes on, also after a restart of the supervisor.
        case running
        case completed
        /// `reason` says why; what was not sent back is a dead letter still.
        case stopped
    }

    package var id: String
    package var queue: String
    package var state: State
    package var total: Int
    package var replayed: Int
    package var reason: String?

    package init(id: String, queue: String, state: State, total: Int, replayed: Int, reason: String? = nil) {
        self.id = id
        self.queue = queue
        self.state = state
        self.total = total
        self.replayed = replayed
        self.reason = reason
    }
}
