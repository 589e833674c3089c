/// One queue that is read.
struct Subscription: Sendable {
    /// Returns when the process stops and everything that was begun is settled.
    let run: @Sendable () async -> Void
    /// There may be waiting messages of the queue in the service's database.
    let look: @Sendable () -> Void

    init(run: @escaping @Sendable () async -> Void, look: @escaping @Sendable () -> Void = {}) {
        self.run = run
        self.look = look
    }
}
