internal import CLinux
import Glibc

extension Keeper {
    func watchJournal() {
        journal.onConnect = { [unowned self] socket in
            try? reactor.watch(socket) { [unowned self] in journal.socketReady(at: Timestamp.realTime()) }
            reactor.setInterest(socket, reads: false, writes: false)
        }
        journal.onDisconnect = { [unowned self] in reactor.unwatch($0) }
        journal.onWaiting = { [unowned self] isWaiting in
            if let socket = journal.socket { reactor.setInterest(socket, reads: false, writes: isWaiting) }
        }
    }

    /// While something was lost and not told, or waits for a journal that is away.
    func scheduleLogRetry() {
        guard !isLogRetryScheduled, logs.hasPendingLoss || !journal.isIdle else { return }
        isLogRetryScheduled = true
        reactor.schedule(after: Self.logRetryInterval) { [unowned self] in
            isLogRetryScheduled = false
            let time = Timestamp.realTime()
            logs.tend(at: time)
            journal.flush(at: time)
        }
    }

    /// From the first process on whose log has a greatest age.
    func scheduleLogAge() {
        guard !isLogAgeScheduled else { return }
        isLogAgeScheduled = true
        reactor.schedule(after: Self.logAgeInterval) { [unowned self] in
            isLogAgeScheduled = false
            logs.tend(at: Timestamp.realTime())
            scheduleLogAge()
        }
    }

    func flushJournal() {
        let deadline = ContinuousClock.now + Self.journalTimeout
        while !journal.isIdle, ContinuousClock.now < deadline {
            journal.flush(at: Timestamp.realTime())
            if !journal.isIdle { usleep(1000) }
        }
    }
}
