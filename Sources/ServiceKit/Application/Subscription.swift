/// One queue that is read.
struct Subscription: Sendable {
    /// Returns when no more deliveries come and all are settled.
    let run: @Sendable () async -> Void

    init(_ run: @escaping @Sendable () async -> Void) {
        self.run = run
    }
}
