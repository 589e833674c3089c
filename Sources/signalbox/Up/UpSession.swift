import Admin
import FoundationEssentials
import Glibc
import Supervision

/// What `signalbox up` does between starting the keeper and the keeper's end: it shows how things are, and passes a wish to stop on.
struct UpSession {
    /// How often the terminal is drawn anew, and signals and the keeper's end are looked for.
    private static let tick = Duration.milliseconds(100)
    /// How often the supervisor is asked while things change, and while they do not.
    private static let busyInterval = Duration.milliseconds(250)
    private static let calmInterval = Duration.seconds(1)

    private static let leavingInterval = Duration.seconds(2)

    private enum Phase: Equatable {
        /// Until everything has been ready once.
        case starting
        /// Until the end is asked for.
        case running
        /// Until the keeper is gone; killing: without regard.
        case stopping(killing: Bool)
    }

    private let location: TopologyLocation
    /// Nil: another process started it, and it is not ours to stop.
    private let keeper: KeeperProcess?
    private let signals: StopSignals
    private let isDetached: Bool
    private let isJSON: Bool
    private let client: AdminClient
    private let begin = ContinuousClock.now
    /// To the second: what happened in earlier lives of this state directory is not news.
    private let beginText = String(Date.now.ISO8601Format().prefix { $0 != "Z" })

    private var phase = Phase.starting
    private var area = LiveArea()
    private var progress = StartupProgress(style: Terminal.style)
    private var status: TopologyStatus?
    private var lastSequence = 0
    private var nextQuestion = ContinuousClock.now
    private var frame = 0
    private var stop = StopProgress()
    private var lastLeaving = ""
    private var leaving: String?
    private var nextLeaving = ContinuousClock.now
    /// Why it does not come up, while it does not.
    private var startProblem: String?

    init(location: TopologyLocation, keeper: KeeperProcess?, signals: StopSignals, isDetached: Bool, isJSON: Bool) {
        self.location = location
        self.keeper = keeper
        self.signals = signals
        self.isDetached = isDetached
        self.isJSON = isJSON
        client = AdminClient(location)
    }

    mutating func run() async throws {
        while true {
            frame += 1
            if try heedSignals() { return }
            if let keeper {
                if let end = keeper.end() { return try finish(end) }
            } else if !KeeperLock.isHeld(location.lockPath) {
                area.draw(lasting: ["Signalbox has been stopped."])
                return
            }
            if .now >= nextQuestion {
                try await observe()
                if phase == .running, isDetached { return }
                nextQuestion = .now + (phase == .running ? Self.calmInterval : Self.busyInterval)
            }
            draw()
            try await Task.sleep(for: Self.tick)
        }
    }

    /// - Returns: True when `up` is to end while Signalbox goes on.
    private mutating func heedSignals() throws -> Bool {
        let count = signals.count
        guard count > 0 else { return false }
        guard let keeper else {
            area.draw(lasting: ["Signalbox goes on; stop it with: signalbox down"])
            return true
        }
        switch phase {
        case .starting, .running:
            phase = .stopping(killing: false)
            nextQuestion = .now
            if !isJSON {
                area.draw(lasting: ["Stopping (\(signals.name)); once more kills everything at once."])
            }
            keeper.signal(signals.name == "Ctrl-C" ? SIGINT : SIGTERM)
        case .stopping(killing: false) where count > 1:
            phase = .stopping(killing: true)
            if !isJSON { area.draw(lasting: ["Killing everything that is left."]) }
            keeper.signal(SIGINT)
        case .stopping: break
        }
        return false
    }

    private mutating func observe() async throws {
        let transitions = await client.transitionsIfAnswered(after: lastSequence).filter { $0.time >= beginText }
        if let last = transitions.last { lastSequence = last.sequence }
        if let newest = await client.statusIfAnswered() { status = newest }
        if isJSON {
            for transition in transitions { try Terminal.json(transition) }
        }
        guard let status else { return }
        switch phase {
        case .starting: try observeStart(status, transitions)
        case .running:
            guard !isJSON else { break }
            area.draw(lasting: transitions.filter(\.isNotable).map { $0.line(style: Terminal.style) })
        case .stopping:
            leaving = stop.line(status, at: .now)
            guard !isJSON, !Terminal.isInteractive, let line = leaving, line != lastLeaving else { break }
            // Where nothing can be drawn anew, each second's line would be another.
            guard .now >= nextLeaving else { break }
            nextLeaving = .now + Self.leavingInterval
            lastLeaving = line
            Terminal.line(line)
        }
    }

    private mutating func observeStart(_ status: TopologyStatus, _ transitions: [TransitionRecord]) throws {
        let elapsed = begin.duration(to: .now)
        if !isJSON {
            // A terminal shows by its live lines what goes on; elsewhere each transition tells it.
            let isWorthALine = { (transition: TransitionRecord) in !Terminal.isInteractive || ["failed", "backoff"].contains(transition.to)
            }
            let arrivals = Terminal.isInteractive && keeper != nil ? progress.arrivals(status, after: elapsed) : []
            area.draw(lasting: transitions.filter(isWorthALine).map { $0.line(style: Terminal.style) } + arrivals)
        }
        switch status.state {
        case .ready:
            phase = .running
            startProblem = nil
            if isJSON { try Terminal.json(status) } else { showTable(status, elapsed) }
        case .failed where isDetached:
            area.draw()
            throw CommandFailure(
                "\(StatusTable.headline(status, style: .plain)). It has been left running for you to look at: signalbox status, signalbox logs; "
                    + "signalbox down stops it.")
        case .failed: startProblem = StatusTable.headline(status, style: .plain)
        case .starting, .degraded, .stopping: break
        }
    }

    private mutating func showTable(_ status: TopologyStatus, _ elapsed: Duration) {
        let style = Terminal.style
        var table = TextTable("SERVICE", "STATE", "INSTANCES")
        for service in status.services {
            table.add(
                .init(service.name), .init(service.state.rawValue, .init(state: service.state.rawValue)),
                "\(service.ready)/\(service.desired)")
        }
        let next =
            isDetached
            ? "It goes on in the background: signalbox status shows it, signalbox down stops it."
            : "\(keeper == nil ? "Ctrl-C leaves it running." : "Ctrl-C stops everything.") From another terminal: signalbox status, logs, scale."
        let headline = StatusTable.headline(status, style: style) + (keeper == nil ? "" : " after \(StartupProgress.seconds(elapsed))")
        area.draw(
            lasting: ["", headline, ""] + table.lines(style: style) + [""]
                + StatusTable.addresses(status, stateDirectory: location.stateDirectory, style: style) + ["", next])
    }

    private mutating func draw() {
        guard Terminal.isInteractive, !isJSON else { return }
        let elapsed = begin.duration(to: .now)
        switch phase {
        case .starting:
            let live = status.map { progress.waiting($0, after: elapsed, frame: frame) } ?? []
            area.draw(live: live.isEmpty ? [progress.line("starting", after: elapsed, frame: frame)] : live)
        case .running: area.draw()
        case .stopping:
            area.draw(live: [progress.line(leaving ?? "stopping", frame: frame)])
        }
    }

    private mutating func finish(_ end: KeeperProcess.End) throws {
        area.draw()
        let words = keeper?.lastWords(location)
        switch (end, phase) {
        case (.exited(0), _):
            if !isJSON { Terminal.line("Everything has been stopped.") }
            if let startProblem { throw CommandFailure(startProblem) }
        case (.exited(CommandFailure.configuration), _):
            throw CommandFailure(
                words ?? "Signalbox cannot run with this topology file on this host.", status: CommandFailure.configuration)
        case (.exited, .stopping(killing: true)), (.signalled, .stopping(killing: true)):
            throw CommandFailure("Everything has been killed; what the services held goes back to their queues.")
        case (.exited(let code), _):
            throw CommandFailure("Signalbox ended with status \(code)." + (words.map { "\n\($0)" } ?? ""))
        case (.signalled(let number), _):
            throw CommandFailure(
                "The keeper was killed by signal \(number). What it ran may still run; the next signalbox up clears it away."
                    + (words.map { "\n\($0)" } ?? ""))
        }
    }
}
