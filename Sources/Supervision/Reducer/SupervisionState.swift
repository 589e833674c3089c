import Topology

/// The whole life of every service and instance, as a pure state machine: an event and the time go in, effects come out. No clock, no log
/// and no I/O here; randomness comes from the seed.
///
/// Events set facts and wishes; `settle` then makes every step that facts, wishes and time allow, in those services that the event may have
/// changed something for. So nothing hangs on the order in which things happen, and a wish is never lost for having come at a bad moment.
package struct SupervisionState: Sendable {
    /// How long the gateway is given to stop sending an instance requests before it is told to end.
    package static let drainNotice = Duration.milliseconds(200)
    /// A process that was killed and is still there is killed again this often.
    package static let killInterval = Duration.seconds(5)
    /// A process that has never been ready, and has no startup probe, is not judged by its liveness probe before this.
    package static let startupAllowance = Duration.seconds(60)
    /// A process that is to be replaced, and of which no probe has said anything for so long, is taken for one that does no work.
    package static let patienceWithSilence = Duration.seconds(10)
    /// So long must a new process without a probe be up before it takes the place of another.
    package static let provingTime = Duration.seconds(1)
    package static let provisioningBackoff = Duration.milliseconds(250)
    package static let provisioningMaximumBackoff = Duration.seconds(10)
    /// When a dependency comes back, this many of those that ran before it went start at once, the next after the interval.
    package static let returningAtOnce = 4
    package static let returnInterval = Duration.milliseconds(100)
    /// Characters of what a process says of itself that are kept.
    package static let maximumStatusText = 256
    /// Seconds by which the time of day may be put back without a run's time counting as a new one.
    package static let clockStepAllowance = 3600.0

    /// The servers first, then the services in the file's order, then those that are no longer declared.
    package internal(set) var services: [ServiceState] = []
    package internal(set) var isShuttingDown = false
    package internal(set) var isFinished = false
    /// Everything has been ready at once, some time.
    package internal(set) var hasBeenReady = false

    var graph = ServiceGraph()
    /// Those that may have to end after others.
    var heldBack: [Int] = []
    var shutdownWish = Wish("shutdown", by: Wish.supervisor)
    var shutdownDeadline: Duration?
    /// How often what was left of the services has been killed.
    var shutdownKills = 0
    var upstreams: [String: [GatewayConfiguration.Upstream]] = [:]
    var arePublishedUpstreamsStale = false
    var remembered = Remembered()
    var isMemoryStale = false
    var returning = ReturnOrder()
    var random: SeededGenerator
    /// Seconds since 1970 at the reducer's origin, by the latest reading of the clock.
    var clockOrigin: Double?
    /// Of the event in hand.
    var now: Duration = .zero
    var effects: [SupervisionEffect] = []
    /// Services for which further steps may be possible.
    var dirty: [Int] = []
    var discontent = 0
    /// The latest event has changed more than a probe's tally: `nextDeadline` may be another.
    package internal(set) var hasSettled = false

    package init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// - Parameter now: since an origin of the caller's choice; never less than before.
    package mutating func handle(_ event: SupervisionEvent, at now: Duration) -> [SupervisionEffect] {
        self.now = now
        effects = []
        hasSettled = false
        apply(event)
        if !dirty.isEmpty || isMemoryStale { settle() }
        return effects
    }

    /// When `timerFired` is to come next; nil: not before something else happens.
    package var nextDeadline: Duration? {
        var next = isFinished ? nil : shutdownDeadline
        // By index: a copy of a whole service is not free.
        for s in services.indices {
            guard let deadline = services[s].nextDeadline else { continue }
            if let earlier = next, earlier <= deadline { continue }
            next = deadline
        }
        return next
    }

    private mutating func apply(_ event: SupervisionEvent) {
        switch event {
        case .started(let definitions, let previous, let remembered, let found): start(definitions, previous, remembered, found)
        case .topologyApplied(let definitions, let actor): apply(definitions, actor: actor)
        case .clockRead(let seconds): clockRead(seconds)
        case .spawned(let id, let process): spawned(id, process)
        case .spawnFailed(let id, let reason, let isPermanent): spawnFailed(id, reason: reason, isPermanent: isPermanent)
        case .probeSucceeded(let id, let generation, let purpose): probeSucceeded(id, generation: generation, purpose)
        case .probeFailed(let id, let generation, let purpose, let answer):
            probeFailed(id, generation: generation, purpose, answer: answer)
        case .notifiedReady(let id): notifiedReady(id)
        case .statusTold(let id, let text): statusTold(id, text)
        case .watchdogPinged(let id): watchdogPinged(id)
        case .watchdogTriggered(let id): watchdogTriggered(id)
        case .mainExited(let id, let termination): mainExited(id, termination)
        case .exited(let id, let termination): exited(id, termination)
        case .provisioned(let name, let generation): provisioned(name, generation: generation)
        case .provisioningFailed(let name, let generation, let reason): provisioningFailed(name, generation: generation, reason: reason)
        case .scaleRequested(let name, let instances, let actor): scale(name, to: instances, actor: actor)
        case .startRequested(let name, let actor): startService(name, actor: actor)
        case .stopRequested(let name, let actor): stopService(name, actor: actor)
        case .restartRequested(let name, let actor): restartService(name, actor: actor)
        case .runRequested(let name, let actor): runService(name, actor: actor)
        case .measured(let measures): follow(measures)
        case .timerFired: timerFired()
        case .shutdownRequested(let reason, let limit): shutDown(reason: reason, within: limit)
        }
    }

    private mutating func timerFired() {
        for s in services.indices {
            if let deadline = services[s].nextDeadline, deadline <= now { markDirty(s) }
        }
        if let shutdownDeadline, shutdownDeadline <= now { passShutdownDeadline() }
    }

    // MARK: Finding

    func index(of service: String) -> Int? { graph.index[service] }

    package func service(named name: String) -> ServiceState? { index(of: name).map { services[$0] } }

    func position(of id: InstanceID) -> Position? {
        guard let s = index(of: id.service), let i = services[s].index(of: id.number) else { return nil }
        if services[s].instances[i].main.slot == id.slot { return Position(s, i) }
        return services[s].instances[i].companion == nil ? nil : Position(s, i, .companion)
    }

    func id(_ p: Position) -> InstanceID {
        InstanceID(services[p.service].name, services[p.service].instances[p.instance].number, self[p].slot)
    }

    subscript(p: Position) -> Occupant {
        get {
            if p.seat == .companion, let companion = services[p.service].instances[p.instance].companion { return companion }
            return services[p.service].instances[p.instance].main
        }
        set {
            switch p.seat {
            case .main: services[p.service].instances[p.instance].main = newValue
            case .companion: services[p.service].instances[p.instance].companion = newValue
            }
        }
    }

    /// Why something that nobody asked of this instance in particular happens to it.
    func wish(_ s: Int) -> Wish { isShuttingDown ? shutdownWish : services[s].wish }

    // MARK: Marking

    mutating func markDirty(_ s: Int) {
        guard !services[s].isDirty else { return }
        services[s].isDirty = true
        dirty.append(s)
    }

    /// Also those that may go on because of it.
    mutating func markChanged(_ s: Int) {
        markDirty(s)
        for user in graph.users[s] { markDirty(user) }
        if isShuttingDown { for used in graph.uses[s] { markDirty(used) } }
        for other in heldBack { markDirty(other) }
    }

    mutating func markAll() {
        for s in services.indices { markDirty(s) }
    }
}
