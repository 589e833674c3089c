/// Whether a broker whose quorum queues are all down is to be restarted.
struct BrokerStall {
    /// A broker that has just been started has its queues up within seconds.
    static let patience = Duration.seconds(12)
    /// Between two restarts: where one did not help, another one soon will not either.
    static let pause = Duration.seconds(300)

    private var since: ContinuousClock.Instant?
    private var lastRestart: ContinuousClock.Instant?

    mutating func observe(_ isStalled: Bool, at now: ContinuousClock.Instant) {
        since = isStalled ? since ?? now : nil
    }

    /// - Returns: true once.
    mutating func takeIsDue(at now: ContinuousClock.Instant) -> Bool {
        guard let since, since.duration(to: now) >= Self.patience else { return false }
        if let lastRestart, lastRestart.duration(to: now) < Self.pause { return false }
        lastRestart = now
        self.since = nil
        return true
    }
}
