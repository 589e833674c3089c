import EventThread

/// One timer for any number of deadlines: the event thread looks at all of its timers each turn.
final class DeadlineTimer {
    /// Deadlines closer together than this are looked at together.
    static let granularity: Duration = .milliseconds(5)

    private let thread: EventThread
    private var scheduled: (at: ContinuousClock.Instant, timer: EventThread.TimerID)?
    /// - Returns: the earliest deadline that is left.
    private var expire: () -> ContinuousClock.Instant? = { nil }

    init(thread: EventThread) {
        self.thread = thread
    }

    /// - Parameter expire: deals with what is overdue and returns the earliest deadline that is left.
    func onExpiry(_ expire: @escaping () -> ContinuousClock.Instant?) {
        self.expire = expire
    }

    /// Makes sure that something happens at this time.
    func include(_ deadline: ContinuousClock.Instant) {
        if let scheduled {
            guard deadline < scheduled.at else { return }
            thread.cancel(scheduled.timer)
        }
        let timer = thread.schedule(after: max(Self.granularity, ContinuousClock.now.duration(to: deadline))) { [weak self] in
            guard let self else { return }
            scheduled = nil
            if let next = expire() { include(next) }
        }
        scheduled = (deadline, timer)
    }
}
