import DeadLetters
package import Keeper
package import Logging
package import Topology

/// The policy: it knows what is declared and what runs, and makes the second match the first.
///
/// What to do is decided by `SupervisionState`, which knows no clock and no I/O; this shell feeds it what happens, and carries out what it
/// wants done. It may be killed at any moment: what runs is the keeper's, and what must outlive a supervisor is in the state directory.
package actor Supervisor {
    /// How long a command waits for what it asked for to be done before it answers with how far it has come. Less than the five seconds that
    /// HTTP clients have by default.
    static let commandPatience = Duration.seconds(4)
    /// Characters of what a process says of itself.
    static let shownStatus = 200
    /// So often it is said what a shutdown waits for.
    static let stopReportInterval = Duration.seconds(5)

    let configuration: SupervisorConfiguration
    let keeper: KeeperClient
    let logger: Logger
    let directory: StateDirectory
    let passwords: SecretStore
    let secretReader: SecretReader
    let stateWriter = StateWriter()
    let saver: StateSaver
    let probeLoop = ProbeLoop()
    let deadLetterService: DeadLetterService

    var reducer = SupervisionState(seed: UInt64.random(in: 0 ... .max))
    let origin = ContinuousClock.now
    var supervised: SupervisedTopology?
    var ports = ServerPorts()
    var clients: ServerClients?
    var transitionLog: TransitionLog
    /// What is wrong with the topology file, while what ran before goes on.
    var fileProblem: String?
    var containment = "unknown"
    /// Between loading and beginning.
    var found: [ProcessRecord] = []
    var memory: KeptMemory?
    /// An earlier supervisor of the same keeper has begun what we go on with.
    var isSuccessor = false
    var keeperName = ""
    /// By service, then by fingerprint: declarations before the current one that are still in force, or may be gone back to.
    var kept: [String: [String: SupervisedTopology]] = [:]
    var openSockets: Set<String> = []
    /// The processes' own ones, from before their start to their end.
    var reservedPorts: [InstanceID: Int] = [:]
    var publishedGateway: GatewayConfiguration?
    var isApplying = false
    var brokerWatch = BrokerWatch()

    /// Each process's, as the loop counts them.
    var probers: [InstanceID: [UInt32]] = [:]
    /// Lines of each process' output that could not be kept.
    var lostLines: [InstanceID: Int] = [:]
    /// Fires at the reducer's next deadline. Replaced whenever that changes.
    private var timer: (deadline: Duration, task: Task<Void, Never>)?
    private var waiters: [CheckedContinuation<Void, Never>] = []
    var isFinished = false
    var failure: SupervisorError?

    typealias Work = @Sendable () async -> Void
    /// By process: what waits for what is being done to it, so that all of it is done in order. At most a few each.
    private var waitingWork: [InstanceID: [Work]] = [:]
    /// What effects have begun and `run` carries on; at most a few for each instance at a time.
    private let work: AsyncStream<Work>
    private let workQueue: AsyncStream<Work>.Continuation

    package init(configuration: SupervisorConfiguration, keeper: KeeperClient, logger: Logger) {
        self.configuration = configuration
        self.keeper = keeper
        self.logger = logger
        directory = StateDirectory(path: configuration.stateDirectory)
        passwords = SecretStore(folder: directory.secrets)
        secretReader = SecretReader(
            folder: configuration.topologyFolder, credentials: configuration.environment["CREDENTIALS_DIRECTORY"])
        transitionLog = TransitionLog(path: directory.audit, writer: stateWriter)
        saver = StateSaver(writer: stateWriter, logger: logger)
        deadLetterService = DeadLetterService(folder: directory.deadLetters, logger: logger)
        (work, workQueue) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    }

    /// Reads and checks the topology, so that the caller knows where to listen. `run` calls it if nobody has.
    ///
    /// - Throws: `.invalidTopology` with all mistakes, unless something runs already by an earlier file: that goes on then.
    package func prepare() async throws(SupervisorError) -> Topology {
        if let supervised { return supervised.topology }
        return try await load()
    }

    /// Brings up what is declared, and keeps it so until it has been shut down or the keeper is gone.
    package func run() async throws(SupervisorError) {
        _ = try await prepare()
        try await begin()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.followKeeper() }
            group.addTask { await self.tick() }
            group.addTask { await self.followProbes() }
            group.addTask { await self.measure() }
            group.addTask { await self.countLosses() }
            group.addTask { await self.checkFile() }
            group.addTask { await self.watchBroker() }
            group.addTask { await self.followDeadLetters() }
            group.addTask { await self.migrateQueues() }
            for await piece in work { group.addTask { await piece() } }
            group.cancelAll()
        }
        await end()
        if let failure { throw failure }
    }

    /// Takes everything down in reverse order; `run` returns when nothing is left.
    package func shutdown(reason: String) async {
        handle(.shutdownRequested(reason: reason, within: configuration.stopWithin))
    }

    // MARK: The reducer's feed

    var now: Duration { origin.duration(to: .now) }

    func handle(_ event: SupervisionEvent) {
        guard !isFinished else { return }
        let effects = reducer.handle(event, at: now)
        for effect in effects { perform(effect) }
        guard reducer.hasSettled else { return }
        setTimer()
        wake()
    }

    /// To be carried on by `run`, beside everything else.
    func enqueue(_ piece: @escaping Work) { workQueue.yield(piece) }

    /// The same, after all that was to be done to that process before: a kill that comes late must not meet the next one.
    func enqueue(for id: InstanceID, _ piece: @escaping Work) {
        guard waitingWork[id] == nil else {
            waitingWork[id]?.append(piece)
            return
        }
        waitingWork[id] = []
        enqueue { await self.carryOut(piece, for: id) }
    }

    private func carryOut(_ first: Work, for id: InstanceID) async {
        await first()
        while let waiting = waitingWork[id], !waiting.isEmpty {
            waitingWork[id]?.removeFirst()
            await waiting[0]()
        }
        waitingWork[id] = nil
    }

    func finish(_ failure: SupervisorError? = nil) {
        guard !isFinished else { return }
        isFinished = true
        self.failure = failure
        workQueue.finish()
    }

    private func setTimer() {
        let deadline = reducer.nextDeadline
        guard deadline != timer?.deadline else { return }
        timer?.task.cancel()
        timer = nil
        guard let deadline else { return }
        let instant = origin + deadline
        let task = Task { [weak self] in
            do { try await Task.sleep(until: instant, clock: .continuous) } catch { return }
            await self?.timerFired()
        }
        timer = (deadline, task)
    }

    private func timerFired() {
        timer = nil
        handle(.timerFired)
    }

    private func end() async {
        timer?.task.cancel()
        timer = nil
        probeLoop.stop()
        transitionLog.finish()
        wake()
        await deadLetterService.close()
        await clients?.close()
        await stateWriter.finish()
    }

    // MARK: Waiting for a change

    private func wake() {
        let woken = waiters
        waiters = []
        for waiter in woken { waiter.resume() }
    }

    /// Returns when something has changed, and once a second in any case.
    func nextChange() async {
        guard !isFinished else { return }
        await withCheckedContinuation { waiters.append($0) }
    }

    /// The clock's beat: what is waited for is looked at again, and systemd hears that the loop goes round.
    func tick() async {
        var health = HealthNotifier(socket: configuration.notifySocket)
        var reportedStop = now
        var reportedLoss = 0
        while !Task.isCancelled {
            handle(.clockRead(secondsSince1970: Self.secondsSince1970))
            handle(.timerFired)
            dropDeclarations()
            saver.retry()
            closeUnusedSockets()
            let lost = stateWriter.lost
            if lost > reportedLoss {
                logger.error(
                    "\(lost - reportedLoss) lines are missing in the audit log or the journal, because the disk did not take them in time")
                reportedLoss = lost
            }
            health.notify(reducer)
            wake()
            if reducer.isShuttingDown, now - reportedStop >= Self.stopReportInterval {
                reportedStop = now
                if let reason = reducer.overallReason { logger.notice("stopping: \(reason)") }
            }
            do { try await Task.sleep(for: HealthNotifier.interval) } catch { return }
        }
    }
}
