internal import CLinux
import Glibc

/// The keeper at work: one thread, one loop. It decides nothing about services; about its supervisor and its own end `KeeperLife` decides.
final class Keeper {
    /// How long what is being killed may take to be gone before the keeper gives up and says so.
    static let endingTimeout: Duration = .seconds(10)
    /// A supervisor that closed its control socket is about to exit; one that does not is of no use any more.
    static let linkLossTimeout: Duration = .seconds(5)
    /// A supervisor that has a successor has nothing left to do but to exit.
    static let leavingTimeout: Duration = .seconds(5)
    /// Between two looks at a containment that is being cleared; the last one goes on.
    static let clearingPauses: [Duration] = [1, 2, 5, 10, 20, 50, 100].map { .milliseconds($0) }

    /// Of processes, in one line of the log.
    static let maximumNames = 20
    static let recordDelay: Duration = .milliseconds(100)
    /// Between two attempts to write what could not be written.
    static let logRetryInterval: Duration = .seconds(1)
    /// Between two looks at the age of log files.
    static let logAgeInterval: Duration = .seconds(30)
    /// For what is on its way to the journal when the keeper ends.
    static let journalTimeout: Duration = .seconds(1)

    let configuration: KeeperConfiguration
    let state: StateDirectory
    let reactor: Reactor
    let starter: ProcessStarter
    let level: ContainmentLevel
    let legacy: LegacyControllers
    let log: LogFile
    let logs: LogFiles
    let journal: JournalLink
    let bootID = RunRecord.currentBootID()

    var life = KeeperLife()
    var processes: [String: KeptProcess] = [:]
    var sockets: [String: ListeningSocket] = [:]
    var supervisor: KeptProcess?
    var program: SupervisorProgram
    /// While its successor is on trial.
    var predecessor: SupervisorProgram?
    var trialTimer: Reactor.TimerID?
    var trialEnd = ContinuousClock.now
    var link: SupervisorLink?
    var lastNumber = 0
    /// Of main processes whose pids are still theirs.
    var unreaped: Set<pid_t> = []
    var clearing: [KeptProcess] = []
    var isClearingDue = false
    var areStraysHidden = false
    var isClearingScheduled = false
    var isRecordStale = false {
        didSet { if isRecordStale && !oldValue { scheduleRecord() } }
    }
    var isLogRetryScheduled = false
    var isLogAgeScheduled = false
    var hasStartedSupervisor = false
    var hasGivenUp = false
    private let signals: (reading: Descriptor, writing: Descriptor)

    init(_ configuration: KeeperConfiguration) throws(KeeperError) {
        self.configuration = configuration
        program = SupervisorProgram(path: configuration.supervisorCommand.first ?? "")
        state = try StateDirectory(path: configuration.stateDirectory, logs: configuration.logDirectory)
        let ended = try Leftovers(state: state).end()
        let name = ControlGroups.name(ofState: state.name)
        level = ContainmentLevel.find(name: name, usesControlGroups: configuration.usesControlGroups)
        legacy = configuration.usesControlGroups ? LegacyControllers.find(name: name, except: level.controllers) : .none
        logs = LogFiles()
        journal = JournalLink(path: configuration.journalSocket)
        do {
            signals = try Descriptor.pipe()
            reactor = try Reactor()
            log = try logs.open(state.logs + "/supervisor.log", policy: LogPolicy())
            let null = try Descriptor(clinux_open("/dev/null", O_RDWR | O_CLOEXEC, 0), step: "open /dev/null")
            let time = Timestamp.realTime()
            starter = ProcessStarter(
                state: state, level: level, legacy: legacy, limits: .raisingOwn(), logs: logs, journal: journal, buffer: LineBuffer(),
                null: null,
                run: String(time.tv_sec, radix: 16) + String(time.tv_nsec, radix: 16))
            try catchSignals()
            watchJournal()
        } catch {
            throw KeeperError(.cannotKeep, "the keeper cannot start: \(error)", underlying: error)
        }
        if ended > 0 { note("ended \(ended) processes that an earlier keeper had left") }
    }

    /// - Returns: the status to exit with.
    func run() -> Int32 {
        startSupervisor()
        while true {
            if case .ending(let status) = life.state, isEverythingEnded || hasGivenUp {
                finish()
                return hasGivenUp ? 1 : status
            }
            do throws(SystemError) {
                try reactor.turn()
                clearIfDue()
                scheduleLogRetry()
            } catch {
                note("the keeper's loop failed: \(error)")
                return 1
            }
        }
    }

    func act(_ action: KeeperLife.Action?) {
        switch action {
        case .tellSupervisorToStop:
            send(.event(.stopRequested))
            reactor.schedule(after: configuration.stopTimeout) { [unowned self] in
                guard let action = life.stopTimedOut() else { return }
                note("the supervisor did not finish within \(configuration.stopTimeout); everything is killed")
                act(action)
            }
        case .restartSupervisor(let delay):
            reactor.schedule(after: delay) { [unowned self] in startSupervisor() }
        case .startSuccessor: startSuccessor()
        case .startPredecessor: startPredecessor()
        case .killSupervisor: supervisor?.containment?.kill(search())
        case .killEverything: killEverything()
        case nil: break
        }
    }

    /// A line of the keeper's own, in the supervisor's log and on standard error.
    func note(_ text: String) {
        log.note(text)
        StandardError.note(text)
    }

    private var isEverythingEnded: Bool {
        supervisor == nil && processes.values.allSatisfy { $0.status != nil }
    }

    private func killEverything() {
        let search = search()
        // First the one who could start more.
        supervisor?.containment?.kill(search)
        for process in processes.values { process.containment?.kill(search) }
        reactor.schedule(after: Self.endingTimeout) { [unowned self] in
            let remaining = (processes.values + [supervisor].compactMap(\.self)).filter { $0.status == nil }
                .map { "\($0.id) (pid \($0.pid))" }.sorted()
            note("killed, and still not gone after \(Self.endingTimeout): \(remaining.joined(separator: ", "))")
            hasGivenUp = true
        }
    }

    private func finish() {
        sockets.removeAll()
        endStrays()
        flushJournal()
        if !hasGivenUp { unlink(state.record) }
        if case .controlGroups(let groups) = level { ControlGroup.remove(groups.base) }
        legacy.remove()
    }

    /// Orphans that escaped their containment and came to the keeper, their subreaper.
    private func endStrays() {
        let deadline = ContinuousClock.now + Self.endingTimeout
        while ContinuousClock.now < deadline {
            reapStrays()
            let own = getpid()
            let strays = ProcessTable.now().families { $0.parent == own }
            if strays.isEmpty { return }
            for stray in strays { stray.kill() }
            usleep(1000)
        }
    }

    /// Not at each change, because it holds all that runs. What is started in between is found by its cgroup or token.
    private func scheduleRecord() {
        reactor.schedule(after: Self.recordDelay) { [unowned self] in writeRecord() }
    }

    private func writeRecord() {
        isRecordStale = false
        var record = RunRecord(bootID: bootID, keeper: getpid(), controlGroups: nil, processes: [])
        if case .controlGroups(let groups) = level { record.controlGroups = groups.base }
        for process in Array(processes.values) + [supervisor].compactMap({ $0 }) where process.status == nil {
            record.processes.append(.init(id: process.id, pid: process.pid, startTime: process.startTime))
        }
        do {
            try record.write(to: state.record)
        } catch {
            note("what runs cannot be recorded: \(error)")
        }
    }

    private func catchSignals() throws(SystemError) {
        for signal in [SIGPIPE, SIGHUP, SIGUSR1, SIGUSR2, SIGXFSZ] { _ = clinux_ignore_signal(signal) }
        _ = clinux_set_nonblocking(signals.reading.number)
        _ = clinux_set_nonblocking(signals.writing.number)
        let caught = [SIGTERM, SIGINT, SIGQUIT, SIGCHLD]
        let result = clinux_forward_signals(caught, caught.count, signals.writing.number)
        guard result == 0 else { throw SystemError(step: "sigaction", number: -result) }
        try reactor.watch(signals.reading) { [unowned self] in signalsArrived() }
        let subreaper = clinux_become_subreaper()
        guard subreaper == 0 else { throw SystemError(step: "prctl", number: -subreaper) }
    }

    private func signalsArrived() {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(signals.reading.number, &bytes, bytes.count)
        for signal in Set(bytes.prefix(max(count, 0))) {
            if Int32(signal) == SIGCHLD { childrenEnded() } else { act(life.stopWasRequested(at: .now)) }
        }
    }
}
