public import FoundationEssentials

/// The time that ServiceKit lives by: what it writes into the database's columns, and every pause it makes. A test kit hands in another
/// one and lets the years pass.
///
/// How long a single call of the broker or the database may take is measured in real time nevertheless: those two do not live by it.
public struct ServiceClock: Sendable {
    private let time: @Sendable () -> Date
    private let pause: @Sendable (Duration) async throws -> Void

    /// - Parameters:
    ///   - now: wall time.
    ///   - sleep: returns when so much of it has passed; throws when the task is cancelled.
    public init(now: @escaping @Sendable () -> Date, sleep: @escaping @Sendable (Duration) async throws -> Void) {
        time = now
        pause = sleep
    }

    public static let system = ServiceClock(now: { Date.now }, sleep: { try await Task.sleep(for: $0) })

    public var now: Date { time() }

    /// - Throws: `CancellationError`.
    public func sleep(for duration: Duration) async throws {
        try await pause(duration)
    }

    var timestamp: Timestamp { Timestamp(now) }

    /// Returns early when the task is cancelled.
    func rest(for duration: Duration) async {
        try? await pause(duration)
    }
}
