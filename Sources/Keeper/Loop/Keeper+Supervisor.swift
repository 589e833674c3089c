internal import CLinux
import Glibc

extension Keeper {
    func startSupervisor() {
        guard supervisor == nil else { return }
        if case .ending = life.state { return }
        let isFirst = !hasStartedSupervisor
        hasStartedSupervisor = true
        program = program.again
        do throws(KeeperError) {
            let pair: (own: Descriptor, supervisor: Descriptor)
            do {
                pair = try Descriptor.controlPair()
            } catch {
                throw KeeperError(.cannotStart, "the control socket cannot be made: \(error)", underlying: error)
            }
            supervisor = try start(
                supervisorSpecification,
                extras: .init(control: pair.supervisor, copiesToStandardError: configuration.copiesSupervisorOutput))
            try openLink(pair.own)
        } catch {
            note("the supervisor cannot be started: \(error.message)")
            act(life.supervisorFailedToStart(isFirst: isFirst))
        }
    }

    /// - Parameter executable: nil is the path in use.
    func replaceSupervisor(_ executable: String?) throws(KeeperError) {
        let path = executable ?? program.path
        guard path.hasPrefix("/"), access(path, X_OK) == 0 else {
            throw KeeperError(.invalidSpecification, "\(path) cannot replace the supervisor: it is not the absolute path of a program")
        }
        guard let leaving = supervisor, life.replacementWasRequested() else {
            throw KeeperError(.stopping, "the supervisor is not replaced: \(whyNotReplaced)")
        }
        predecessor = program.pinned
        program = SupervisorProgram(path: path)
        note("the supervisor (pid \(leaving.pid)) is replaced by \(path)")
        reactor.schedule(after: Self.leavingTimeout) { [unowned self, weak leaving] in
            guard let leaving, leaving === supervisor, leaving.isRunning else { return }
            note("the supervisor (pid \(leaving.pid)) was replaced and did not exit within \(Self.leavingTimeout); it is killed")
            leaving.containment?.kill(search())
        }
    }

    private var whyNotReplaced: String {
        switch life.replacement {
        case .onTrial:
            let rest = max(.zero, ContinuousClock.now.duration(to: trialEnd))
            return "it has just replaced another one and is on trial for \(rest.components.seconds + 1) s more; try again then"
        case .leaving: return "it is being replaced already"
        case .none: return "the keeper is stopping"
        }
    }

    func startSuccessor() {
        trialEnd = .now + KeeperLife.trialTime
        trialTimer = reactor.schedule(after: KeeperLife.trialTime) { [unowned self] in
            guard case .onTrial(let hasListed) = life.replacement else { return }
            if !hasListed { note("the new supervisor has not listed within \(KeeperLife.trialTime); it is killed") }
            act(life.trialEnded())
        }
        startSupervisor()
    }

    func startPredecessor() {
        if let trialTimer { reactor.cancel(trialTimer) }
        if let predecessor { program = predecessor }
        predecessor = nil
        note("the new supervisor did not work; \(program.path), which was there before it, is started again")
        startSupervisor()
    }

    func supervisorEnded(_ process: KeptProcess, _ status: ExitStatus) {
        supervisor = nil
        if case .onTrial = life.replacement { note("the new supervisor (pid \(process.pid)) \(status)") }
        let remaining = processes.values.filter { $0.status == nil }
        let action = life.supervisorExited(
            status, after: process.started.duration(to: .now), holdsProcesses: !remaining.isEmpty)
        if case .restartSupervisor(let delay) = action {
            let goesOn = status == .exited(KeeperMain.configurationErrorStatus) ? "what runs goes on, and " : ""
            note("the supervisor (pid \(process.pid)) \(status); \(goesOn)it is started again in \(delay)")
        }
        if case .killEverything = action, !remaining.isEmpty {
            let names = remaining.map(\.id).sorted()
            let others = names.count > Self.maximumNames ? " and \(names.count - Self.maximumNames) others" : ""
            note("the supervisor \(status) and left \(names.prefix(Self.maximumNames).joined(separator: ", "))\(others); they are killed")
        }
        act(action)
    }

    func send(_ message: KeeperMessage) {
        guard link != nil else { return }
        do throws(KeeperError) {
            let frame = try ControlCoding.encode(message)
            link?.channel.send(frame)
        } catch {
            note(error.message)
        }
        updateLink()
    }

    /// Once told, the supervisor has it in its list or by this event, never not at all.
    func sendProcessEvent(_ event: KeeperEvent) {
        if link?.hasListed == true { send(.event(event)) }
    }

    func sendNotification(_ process: KeptProcess) {
        guard process !== supervisor, !process.unsentFields.isEmpty else { return }
        guard let link, link.hasListed else {
            process.unsentFields = [:]
            return
        }
        guard !link.isFull else { return }
        let fields = process.unsentFields
        process.unsentFields = [:]
        send(.event(.notified(id: process.id, fields: fields)))
    }

    func closeLink() {
        guard let link else { return }
        reactor.unwatch(link.descriptor)
        self.link = nil
    }

    private var supervisorSpecification: ProcessSpecification {
        let directory = configuration.supervisorWorkingDirectory ?? Self.currentDirectory
        return ProcessSpecification(
            id: "supervisor", executable: program.executable, arguments: [program.path] + configuration.supervisorCommand.dropFirst(),
            environment: configuration.supervisorEnvironment, workingDirectory: directory, logFile: log.path)
    }

    private static var currentDirectory: String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }

    private func openLink(_ descriptor: Descriptor) throws(KeeperError) {
        do {
            try reactor.watch(descriptor) { [unowned self] in linkReady() }
        } catch {
            supervisor?.containment?.kill(search())
            throw KeeperError(.cannotStart, "the control socket cannot be watched: \(error)", underlying: error)
        }
        link = SupervisorLink(descriptor: descriptor)
        if life.state == .stopping { send(.event(.stopRequested)) }
    }

    private func linkReady() {
        link?.channel.flush()
        do throws(KeeperError) {
            for frame in try link?.channel.receive() ?? [] { handle(frame) }
        } catch {
            note(error.message)
        }
        if link?.channel.backlog == 0 { for process in processes.values { sendNotification(process) } }
        updateLink()
    }

    private func updateLink() {
        guard let link else { return }
        if link.channel.isClosed {
            linkLost()
        } else {
            reactor.setInterest(link.descriptor, reads: !link.isFull, writes: link.channel.backlog > 0)
        }
    }

    private func linkLost() {
        closeLink()
        reactor.schedule(after: Self.linkLossTimeout) { [unowned self, weak supervisor] in
            guard let supervisor, supervisor === self.supervisor, supervisor.isRunning else { return }
            note("the supervisor (pid \(supervisor.pid)) closed its control socket and still runs; it is killed")
            supervisor.containment?.kill(search())
        }
    }
}
