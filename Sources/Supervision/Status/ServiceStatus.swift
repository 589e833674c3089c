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
    /// Something of what is wanted of it is still to come: a start, an end, a replacement. Nil: a supervisor of an earlier version answers.
    package var isUnderWay: Bool?
    /// Seconds within which that is done, unless something goes wrong: by its grace, and by the time it is given to become ready.
    package var settlesWithin: Double?

    package init(
        name: String, kind: Kind, state: State, reason: String? = nil, desired: Int, ready: Int, instances: [InstanceStatus] = [],
        isUnderWay: Bool? = nil, settlesWithin: Double? = nil
    ) {
        self.name = name
        self.kind = kind
        self.state = state
        self.reason = reason
        self.desired = desired
        self.ready = ready
        self.instances = instances
        self.isUnderWay = isUnderWay
        self.settlesWithin = settlesWithin
    }

    private enum CodingKeys: String, CodingKey {
        case name, kind, state, reason, desired, ready, instances
        case isUnderWay = "under_way"
        case settlesWithin = "settles_within"
    }
}
