internal import CLinux
import Glibc

extension Keeper {
    func spawn(_ specification: ProcessSpecification) throws(KeeperError) -> ProcessRecord {
        if case .ending = life.state { throw KeeperError(.stopping, "the keeper is stopping and starts nothing more") }
        if let process = processes[specification.id], process.status == nil {
            throw KeeperError(.alreadyRunning, "\"\(specification.id)\" runs already (pid \(process.pid))")
        }
        var listening: [ListeningSocket] = []
        for name in specification.sockets {
            guard let socket = sockets[name] else {
                throw KeeperError(.unknownSocket, "\"\(specification.id)\" wants the listening socket \"\(name)\", which was not opened")
            }
            listening.append(socket)
        }
        let process = try start(specification, extras: .init(listening: listening.map(\.descriptor)))
        process.listening = listening
        processes[process.id] = process
        return process.record
    }

    func start(_ specification: ProcessSpecification, extras: ProcessStarter.Extras) throws(KeeperError) -> KeptProcess {
        lastNumber += 1
        let process = try starter.start(specification, number: lastNumber, extras: extras)
        unreaped.insert(process.pid)
        isRecordStale = true
        if specification.log.maximumAge != nil { scheduleLogAge() }
        do throws(SystemError) {
            try watch(process)
        } catch {
            abandon(process)
            throw KeeperError(.cannotStart, "\"\(specification.id)\" cannot be watched: \(error)", underlying: error)
        }
        return process
    }

    private func watch(_ process: KeptProcess) throws(SystemError) {
        if let pidfd = process.pidfd { try reactor.watch(pidfd) { [unowned self, unowned process] in mainMayHaveEnded(process) } }
        for output in process.outputs {
            try reactor.watch(output.reading, isBulk: true) { [unowned self, unowned output] in
                output.readable()
                if output.isFinished { reactor.unwatch(output.reading) }
            }
        }
        if let notify = process.notify {
            try reactor.watch(notify.socket) { [unowned self, unowned process] in receiveNotification(process) }
        }
    }

    /// Without a watch its end would go unseen: it is killed, and cleared away like any other.
    private func abandon(_ process: KeptProcess) {
        unwatch(process)
        process.isAbandoned = true
        process.containment?.kill(search())
        process.phase = .clearing(.signalled(SIGKILL, coreDumped: false))
        clearing.append(process)
        isClearingDue = true
    }

    private func unwatch(_ process: KeptProcess) {
        if let pidfd = process.pidfd { reactor.unwatch(pidfd) }
        for output in process.outputs { reactor.unwatch(output.reading) }
        if let notify = process.notify { reactor.unwatch(notify.socket) }
    }

    private func mainMayHaveEnded(_ process: KeptProcess) {
        guard process.isRunning, let pidfd = process.pidfd else { return }
        var exit = clinux_exit()
        // Not reaped yet: its pid names the session until the containment is empty.
        let result = clinux_wait_pidfd(pidfd.number, false, &exit)
        guard result != 0 else { return }
        reactor.unwatch(pidfd)
        let status = result > 0 ? ExitStatus(exit) : .signalled(SIGKILL, coreDumped: false)
        process.phase = .clearing(status)
        if process === supervisor {
            closeLink()
        } else {
            sendNotification(process)
            sendProcessEvent(.mainExited(id: process.id, status))
        }
        clearing.append(process)
        isClearingDue = true
    }

    /// At the end of a turn, so that many that end together are looked for in /proc together.
    func clearIfDue() {
        if isClearingDue { clear() }
    }

    func search() -> ProcessSearch {
        ProcessSearch(mains: unreaped)
    }

    /// Looks at everything whose main process has ended, and kills what is left of it.
    private func clear() {
        isClearingDue = false
        let search = search()
        var ended: [KeptProcess] = []
        var remaining: [KeptProcess] = []
        for process in clearing {
            if let containment = process.containment, !containment.isEmpty(search) {
                containment.kill(search)
                process.clearingAttempts += 1
                remaining.append(process)
            } else {
                ended.append(process)
            }
        }
        clearing = remaining
        for process in ended { end(process) }
        if areStraysHidden {
            areStraysHidden = false
            if remaining.isEmpty { reapStrays() } else { _ = self.search().strays }
        }
        scheduleClearing()
    }

    private func scheduleClearing() {
        guard !isClearingScheduled, let attempts = clearing.map(\.clearingAttempts).min() else { return }
        isClearingScheduled = true
        reactor.schedule(after: Self.clearingPauses[min(max(attempts - 1, 0), Self.clearingPauses.count - 1)]) { [unowned self] in
            isClearingScheduled = false
            clear()
        }
    }

    /// Nothing of it lives: its last lines are taken, and it is reaped and told of.
    private func end(_ process: KeptProcess) {
        guard case .clearing(let status) = process.phase else { return }
        receiveNotification(process)
        unwatch(process)
        for output in process.outputs where !output.isFinished { output.drain() }
        process.judgeMemory(status)
        process.containment?.remove()
        process.limitGroup?.remove()
        if let pidfd = process.pidfd {
            var exit = clinux_exit()
            _ = clinux_wait_pidfd(pidfd.number, true, &exit)
        }
        unreaped.remove(process.pid)
        sendNotification(process)
        process.phase = .ended(status)
        process.release()
        isRecordStale = true
        if process.isAbandoned { return }
        if process === supervisor {
            supervisorEnded(process, status)
        } else {
            sendProcessEvent(.exited(id: process.id, status, isOutOfMemory: process.isOutOfMemory))
        }
    }

    /// A main process is told by its pidfd; orphans come to the keeper as their subreaper. What is being killed is looked at again.
    func childrenEnded() {
        reapStrays()
        if !clearing.isEmpty { isClearingDue = true }
    }

    func reapStrays() {
        var exit = clinux_exit()
        while clinux_wait_any(false, &exit) == 1 {
            guard !unreaped.contains(exit.pid) else {
                // It is left to `end`, and hides the strays behind it.
                areStraysHidden = true
                return
            }
            var reaped = clinux_exit()
            _ = clinux_wait_pid(exit.pid, true, &reaped)
        }
    }

    private func receiveNotification(_ process: KeptProcess) {
        guard let notify = process.notify, let containment = process.containment else { return }
        let fields = notify.receive(from: containment)
        guard !fields.isEmpty else { return }
        if fields["READY"] == "1" { process.isReadyNotified = true }
        process.unsentFields = NotifyFields.merged(process.unsentFields, fields)
        sendNotification(process)
    }
}
