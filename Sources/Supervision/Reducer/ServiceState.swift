/// A service with all its instances.
package struct ServiceState: Sendable, Equatable {
    /// The preparation of a server for its users, once it is ready: queues, roles, schemas.
    package enum Provisioning: Sendable, Equatable {
        /// → running
        case due
        /// → done, failed, due
        case running
        /// → due
        case failed(String, retryAt: Duration)
        /// → due
        case done
    }

    /// A stretch in which fewer instances would do.
    package struct Calm: Sendable, Equatable {
        package var since: Duration
        /// The most that would have been needed in it.
        package var needed: Int
    }

    package var definition: SupervisedService
    package var desired: Int
    /// A person has asked for just so many; nil: the file and the rule decide.
    package var scaledByHand: Int?
    /// A person has stopped it.
    package var isHeld = false
    /// All its processes end before the first new one starts.
    package var isRecreating = false
    /// It is no longer declared.
    package var isRemoved = false
    /// The latest wish that changed what is wanted of it.
    package var wish: Wish
    /// By number.
    package var instances: [Instance] = []
    package var provisioning: Provisioning
    /// Tells the answer of one provisioning from that of the next.
    package var provisioningGeneration = 0
    package var provisioningAttempts = 0
    package var calm: Calm?
    /// As many as desired have been ready at once, some time.
    package var hasBeenReady = false

    package init(definition: SupervisedService, desired: Int, wish: Wish) {
        self.definition = definition
        self.desired = desired
        self.wish = wish
        provisioning = definition.kind == .server ? .due : .done
    }

    package var name: String { definition.name }
    package var readyCount: Int { instances.count { $0.phase.isReady } }
    /// Something of what is wanted of it is still to come.
    package var isUnderWay: Bool {
        instances.contains { !$0.phase.isAtRest || $0.replacement != nil } || instances.count < desired && !isHeld
    }
    package var isLive: Bool { instances.contains { $0.phase.isLive } }

    package func index(of number: Int) -> Int? { instances.firstIndex { $0.number == number } }
}
