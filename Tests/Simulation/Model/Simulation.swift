import Supervision
import Topology

/// A supervisor in a simulated world: a keeper, processes, a clock, persons, and all that goes wrong with them. Everything follows from the
/// seed. After each event it is checked what must hold; `run` throws a `Violation` where it does not.
package struct Simulation {
    /// Events whose traces are kept for the report of a violation.
    static let tracedEvents = 50
    /// Seconds since 1970 at the beginning: a Saturday.
    static let beginning = 1_795_273_200.0

    package let seed: UInt64
    package internal(set) var events = 0
    package internal(set) var supervisors = 0

    var maker: WorldMaker
    var random: SeededGenerator
    var state: SupervisionState
    /// The file's, in force or refused.
    var declared: [SupervisedService] = []
    /// By service and fingerprint: all that a supervisor may still be asked to start.
    var declarations: [String: SupervisedService] = [:]
    /// As the shell keeps them: by service, what the file said before.
    var kept: [String: SupervisedService] = [:]
    var memory = Remembered()

    var now: Duration = .zero
    /// When the supervisor in charge came up.
    var origin: Duration = .zero
    /// Seconds by which the time of day has been set.
    var clockShift = 0.0
    var agenda = Agenda()
    var isChaotic = true
    var isUp = false
    /// The shell is killed in the middle of carrying out effects.
    var isCrashArmed = false

    // The keeper.
    var processes: [InstanceID: SimulatedProcess] = [:]
    var ended: [InstanceID: SimulatedEnd] = [:]
    var requests: [InstanceID: Int] = [:]
    var lastPID = 0
    var lastRequest = 0

    // The shell.
    var asking: [InstanceID: Int] = [:]
    var lastAsking = 0
    var generations: [InstanceID: Int] = [:]
    var serversAway: Set<String> = []
    var published: [String: [GatewayConfiguration.Upstream]] = [:]
    /// By service and instance number: the declaration by which it has been told done.
    var told: [String: [Int: String]] = [:]

    // What persons have asked for.
    var held: Set<String> = []
    var stops: [String: Int] = [:]
    var lastStop = 0
    var isShutdownAsked = false

    var spawnCounts: [InstanceID: (bucket: Int64, count: Int)] = [:]
    /// Since the latest experiment began, by service.
    var spawnsOf: [String: Int] = [:]
    /// From rest everything, or all that an apply ends, ends by itself.
    var isOrderly = false
    /// The fewest instances of this service that were published as ready, or were ready.
    var leastReady: String?
    var leastReadyCount = 0
    var trace: [String] = []
    /// Services of which the supervisor in charge has found ends when it came up.
    var foundEnds: Set<String> = []
    var isTracing = false
    var failure: String?

    package init(seed: UInt64, isTracing: Bool = false) {
        self.seed = seed
        self.isTracing = isTracing
        maker = WorldMaker(seed: seed)
        random = SeededGenerator(seed: seed &* 0x9E37_79B9_7F4A_7C15 &+ 1)
        state = SupervisionState(seed: seed)
    }

    /// Goes on for at least so many events, world after world, until something does not hold.
    package mutating func run(events limit: Int) throws(Violation) {
        while events < limit {
            try newWorld()
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                try chaos(events: Int.random(in: 200...2_000, using: &random))
                try quiet()
                if events >= limit { break }
            }
            try takeDown()
        }
    }

    // MARK: Going on

    mutating func newWorld() throws(Violation) {
        maker = WorldMaker(seed: random.next())
        declared = maker.world()
        declarations = [:]
        kept = [:]
        memory = Remembered()
        processes = [:]
        ended = [:]
        requests = [:]
        serversAway = []
        held = []
        stops = [:]
        told = [:]
        spawnCounts = [:]
        agenda = Agenda()
        isShutdownAsked = false
        isCrashArmed = false
        isUp = false
        learn(declared)
        comeUp()
        try verify()
    }

    mutating func learn(_ services: [SupervisedService]) {
        for service in services { declarations["\(service.name) \(service.fingerprint)"] = service }
    }

    /// Lets the next thing happen: what the world has planned, or the reducer's own deadline.
    mutating func step() throws(Violation) {
        let deadline = isUp ? state.nextDeadline.map { $0 + origin } : nil
        if let deadline, deadline <= agenda.first ?? .seconds(Int64.max / 2) {
            now = max(now, deadline)
            send(.timerFired)
        } else if let entry = agenda.next() {
            now = max(now, entry.time)
            happen(entry.occurrence)
        } else {
            fail("nothing happens any more")
        }
        try verify()
    }

    var timeOfDay: Double { Self.beginning + clockShift + now / .seconds(1) }

    mutating func send(_ event: SupervisionEvent) {
        guard isUp else { return }
        events += 1
        let effects = state.handle(event, at: now - origin)
        if isTracing { note(event, effects) }
        check(after: event)
        if let leastReady { leastReadyCount = min(leastReadyCount, state.service(named: leastReady)?.readyCount ?? 0) }
        keepDeclarations()
        perform(effects)
    }

    /// Beats of the clock and good answers of probes that nothing came of are left out.
    private mutating func note(_ event: SupervisionEvent, _ effects: [SupervisionEffect]) {
        if effects.isEmpty {
            switch event {
            case .clockRead, .probeSucceeded, .probeFailed, .watchdogPinged, .notifiedReady, .measured: return
            default: break
            }
        }
        if trace.count >= 2 * Self.tracedEvents { trace.removeFirst(Self.tracedEvents) }
        trace.append("\(now) \(TraceText.event(event))" + effects.map { "\n      \(TraceText.effect($0))" }.joined())
    }

    /// The shell keeps a declaration before the file's while a service may go back to it.
    private mutating func keepDeclarations() {
        guard state.hasSettled else { return }
        for service in state.services {
            if let previous = service.previous {
                kept[service.name] = previous
            } else if service.rolledBack != nil {
                kept[service.name] = service.definition
            }
        }
    }

    mutating func fail(_ message: String) { if failure == nil { failure = message } }

    func verify() throws(Violation) {
        guard let failure else { return }
        throw Violation(
            seed: seed, event: events, message: failure, trace: Array(trace.suffix(Self.tracedEvents)) + TraceText.summary(state, processes)
        )
    }

    mutating func chance(_ part: Double) -> Bool { Double.random(in: 0..<1, using: &random) < part }

    mutating func milliseconds(_ range: ClosedRange<Int64>) -> Duration { .milliseconds(Int64.random(in: range, using: &random)) }
}
