import Topology

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

    /// A stretch in which a rule has wanted more, or fewer, instances.
    package struct Stretch: Sendable, Equatable {
        package var since: Duration
        /// What would have done for the whole of it.
        package var needed: Int
    }

    /// In force: the file's, or after a roll-back the one before it.
    package internal(set) var definition: SupervisedService
    /// While an update is under way: what it goes back to if that fails.
    package internal(set) var previous: SupervisedService?
    /// The file's declaration was tried, and did not come up.
    package internal(set) var rolledBack: Remembered.RolledBack?
    /// A server: something that needs it has ended by itself since then, and it has not answered yet.
    package internal(set) var doubtedSince: Duration?
    /// A process of the declaration in force has been ready.
    package internal(set) var isProven = false
    /// Why the latest restart was given up while the processes before it went on.
    package internal(set) var restartProblem: String?

    package internal(set) var desired: Int
    /// A person has asked for just so many; nil: the file and the rule decide.
    package internal(set) var scaledByHand: Int?
    /// A person has stopped it.
    package internal(set) var isHeld = false
    /// All its processes end before the first new one starts.
    package internal(set) var isRecreating = false
    /// It is no longer declared.
    package internal(set) var isRemoved = false
    /// Those that ended with it before it did when they last ran: where it is removed or recreated with them, it ends after them.
    var endsAfter: [String] = []
    /// A one-shot or a scheduled service was told to run while none is desired: it has one instance for that.
    package internal(set) var isRunByHand = false
    /// The latest wish that changed what is wanted of it.
    package internal(set) var wish: Wish
    /// By number.
    package internal(set) var instances: [Instance] = []

    package internal(set) var provisioning: Provisioning
    /// Tells the answer of one provisioning from that of the next.
    package internal(set) var provisioningGeneration = 0
    var provisioningAttempts = 0

    var more: Stretch?
    var fewer: Stretch?
    /// When a rule has last changed the number.
    var scaledAt: Duration?

    package internal(set) var runs = ScheduledRuns()

    /// As many as desired have been ready at once, some time.
    package internal(set) var hasBeenReady = false
    /// Nothing is missing: it is ready, has done its work, waits for its time, or is held.
    var isContent = false
    var isDirty = false
    var nextDeadline: Duration?

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
        instances.contains { !$0.isAtRest || $0.replacement != nil } || instances.count < wanted && !isHeld
    }
    /// How long what is under way may take if all goes well: ends together, replacements one after the other.
    var settlesWithin: Duration {
        let end = definition.stop.grace + SupervisionState.killInterval
        let starting = instances.count { $0.number <= wanted && (!$0.isAtRest || $0.replacement != nil) }
        guard !isHeld, !isRemoved, starting > 0 || instances.count < wanted else { return end }
        return (end + definition.update.readyWithin) * max(1, starting)
    }
    package var isLive: Bool { instances.contains { $0.isLive } }
    /// All of it ends, though nobody has stopped it.
    var isEnding: Bool { isRemoved || isRecreating }
    /// How many instances it is to have.
    package var wanted: Int { max(desired, isRunByHand ? 1 : 0) }

    package func index(of number: Int) -> Int? {
        // Instances are mostly without gaps.
        if number > 0, number <= instances.count, instances[number - 1].number == number { return number - 1 }
        return instances.firstIndex { $0.number == number }
    }

    /// Everything that runs of it, old processes that are being replaced included.
    package var processes: [(id: InstanceID, process: RunningProcess)] {
        instances.flatMap { instance in
            [instance.main, instance.companion].compactMap { occupant in
                occupant?.phase.process.map { (InstanceID(name, instance.number, occupant?.slot ?? .a), $0) }
            }
        }
    }

    /// The one a process was started with, where it is still known.
    func definition(for fingerprint: String) -> SupervisedService {
        if fingerprint != definition.fingerprint, let previous, previous.fingerprint == fingerprint { return previous }
        return definition
    }

    /// A declaration before the file's may still have to be started.
    package var needsPreviousDeclaration: Bool { previous != nil || rolledBack != nil }

    var schedule: Schedule? {
        if case .scheduled(let schedule) = definition.lifetime { schedule } else { nil }
    }
    var isContinuous: Bool { definition.lifetime == .continuous }
}
