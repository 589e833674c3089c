package struct ServiceStatus: Codable, Sendable, Equatable {
    package enum Kind: String, Codable, Sendable {
        /// The broker, the database or the cache.
        case server
        case service
    }

    package enum State: String, Codable, Sendable {
        /// For what it depends on.
        case waiting
        case starting
        /// As many instances as are desired take work.
        case ready
        /// Some of the instances that are desired do not take work.
        case degraded
        case stopping
        /// By a person's wish, or because none is desired.
        case stopped
        /// An instance has given up; `start` or `restart` brings it back.
        case failed
        /// Every instance has done its work and ended with status 0.
        case completed
        /// It waits for the time of its next run.
        case scheduled
    }

    package var name: String
    package var kind: Kind
    package var state: State
    package var reason: String?
    package var desired: Int
    package var ready: Int
    package var instances: [InstanceStatus]

    package init(
        name: String, kind: Kind, state: State, reason: String? = nil, desired: Int, ready: Int, instances: [InstanceStatus] = []
    ) {
        self.name = name
        self.kind = kind
        self.state = state
        self.reason = reason
        self.desired = desired
        self.ready = ready
        self.instances = instances
    }
}
