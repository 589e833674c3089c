import Topology

/// The whole life of every service and instance, as a pure state machine: an event and the time go in, effects come out. No clock, no log
/// and no I/O here; randomness comes from the seed.
///
/// Events set facts and wishes; `settle` then makes every step that facts, wishes and time allow. So nothing hangs on the order in which
/// things happen, and a wish is never lost for having come at a bad moment.
package struct SupervisionState: Sendable {
    /// How long the gateway is given to stop sending an instance requests before it is told to end.
    package static let drainNotice = Duration.milliseconds(200)
    /// A process that was killed and is still there is killed again this often.
    package static let killInterval = Duration.seconds(5)
    /// A process that has never been ready, and has no startup probe, is not judged by its liveness probe before this.
    package static let startupAllowance = Duration.seconds(60)
    /// So long must fewer instances do before a rule takes any away.
    package static let calmStretch = Duration.seconds(30)
    /// A process that is to be replaced, and of which no probe has said anything for so long, is taken for one that does no work.
    package static let patienceWithSilence = Duration.seconds(10)
    package static let provisioningBackoff = Duration.milliseconds(250)
    package static let provisioningMaximumBackoff = Duration.seconds(10)

    /// The servers first, then the services in the file's order, then those that are no longer declared.
    package internal(set) var services: [ServiceState] = []
    package internal(set) var isShuttingDown = false
    package internal(set) var isFinished = false
    /// Everything has been ready at once, some time.
    package internal(set) var hasBeenReady = false

    var shutdownWish = Wish("shutdown", by: Wish.supervisor)
    var publishedUpstreams: [String: [GatewayConfiguration.Upstream]]?
    var remembered = SupervisionEvent.Remembered()
    var random: SeededGenerator
    /// Of the event in hand.
    var now: Duration = .zero
    var effects: [SupervisionEffect] = []
    /// Something has changed that may make further steps possible.
    var isUnsettled = false
    /// The latest event has changed more than a probe's tally: `nextDeadline` may be another.
    package private(set) var hasSettled = false

    package init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// - Parameter now: since an origin of the caller's choice; never less than before.
    package mutating func handle(_ event: SupervisionEvent, at now: Duration) -> [SupervisionEffect] {
        self.now = now
        effects = []
        isUnsettled = false
        apply(event)
        hasSettled = isUnsettled
        if isUnsettled { settle() }
        return effects
    }

    /// When `timerFired` is to come next; nil: not before something else happens.
    package var nextDeadline: Duration? {
        var next: Duration?
        for service in services {
            if case .failed(_, let retryAt) = service.provisioning, service.readyCount > 0, !isShuttingDown {
                next = min(next ?? retryAt, retryAt)
            }
            for instance in service.instances {
                if let deadline = instance.phase.deadline { next = min(next ?? deadline, deadline) }
            }
        }
        return next
    }

    private mutating func apply(_ event: SupervisionEvent) {
        switch event {
        case .started(let definitions, let remembered, let found): start(definitions, remembered, found)
        case .topologyApplied(let definitions, let actor): apply(definitions, actor: actor)
        case .spawned(let id, let process): processSpawned(id, process)
        case .spawnFailed(let id, let reason, let isPermanent): spawnFailed(id, reason: reason, isPermanent: isPermanent)
        case .probeSucceeded(let id, let generation, let purpose): probeSucceeded(id, generation: generation, purpose)
        case .probeFailed(let id, let generation, let purpose, let answer):
            probeFailed(id, generation: generation, purpose, answer: answer)
        case .notifiedReady(let id): notifiedReady(id)
        case .mainExited(let id, let termination): mainExited(id, termination)
        case .exited(let id, let termination): exited(id, termination)
        case .provisioned(let name, let generation): provisioned(name, generation: generation)
        case .provisioningFailed(let name, let generation, let reason): provisioningFailed(name, generation: generation, reason: reason)
        case .scaleRequested(let name, let instances, let actor): scale(name, to: instances, actor: actor)
        case .startRequested(let name, let actor): startService(name, actor: actor)
        case .stopRequested(let name, let actor): stopService(name, actor: actor)
        case .restartRequested(let name, let actor): restartService(name, actor: actor)
        case .queueDepthsMeasured(let depths): followQueues(depths)
        case .timerFired: isUnsettled = true
        case .shutdownRequested(let reason):
            if !isShuttingDown {
                isShuttingDown = true
                shutdownWish = Wish(reason, by: Wish.supervisor)
            }
            isUnsettled = true
        }
    }

    // MARK: Finding

    func index(of service: String) -> Int? { services.firstIndex { $0.name == service } }

    package func service(named name: String) -> ServiceState? { services.first { $0.name == name } }

    func position(of id: InstanceID) -> (service: Int, instance: Int)? {
        guard let service = index(of: id.service), let instance = services[service].index(of: id.number) else { return nil }
        return (service, instance)
    }

    // MARK: Telling

    /// Takes an instance to its next phase, and records it if that has another name.
    mutating func enter(_ phase: InstancePhase, _ s: Int, _ i: Int, cause: String, evidence: String? = nil, actor: String = Wish.supervisor)
    {
        let from = services[s].instances[i].phase.label
        services[s].instances[i].phase = phase
        isUnsettled = true
        guard from != phase.label else { return }
        effects.append(
            .record(
                Transition(
                    service: services[s].name, instance: services[s].instances[i].number, from: from, to: phase.label, cause: cause,
                    evidence: evidence, actor: actor)))
    }

    mutating func recordService(_ s: Int, from: String, to: String, cause: String, evidence: String? = nil, actor: String = Wish.supervisor)
    {
        effects.append(
            .record(
                Transition(
                    service: services[s].name, instance: nil, from: from, to: to, cause: cause, evidence: evidence, actor: actor)))
    }

    func id(_ s: Int, _ i: Int) -> InstanceID { InstanceID(services[s].name, services[s].instances[i].number) }
}
