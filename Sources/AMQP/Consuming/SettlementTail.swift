/// How long to keep a channel open after its last settlements.
///
/// RabbitMQ's channel hands at most 32 settlements at a time to a quorum queue and keeps the rest to itself until those are on disk; it
/// forgets them when it is closed (`rabbit_fifo_client`, 3.10). The messages would come again although they were acknowledged, and requests
/// over the bus be answered twice.
struct SettlementTail {
    /// Handed on at a time.
    static let batch = 32
    /// For each batch: a disk's flush, on a busy machine.
    static let patience: Duration = .milliseconds(10)
    static let longest: Duration = .seconds(1)

    private var count = 0
    private var last: ContinuousClock.Instant?

    /// - Parameter count: how many frames were sent.
    mutating func sent(_ count: Int, at now: ContinuousClock.Instant) {
        guard count > 0 else { return }
        let isAfterPause = last.map { $0.duration(to: now) >= Self.longest } ?? true
        self.count = (isAfterPause ? 0 : self.count) + count
        last = now
    }

    /// How long after `now` nothing of it can be lost any more.
    func linger(at now: ContinuousClock.Instant) -> Duration {
        guard let last else { return .zero }
        let whole = min(Self.longest, Self.patience * (1 + count / Self.batch))
        return max(.zero, whole - last.duration(to: now))
    }
}
