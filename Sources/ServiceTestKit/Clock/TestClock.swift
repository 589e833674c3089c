public import FoundationEssentials
public import ServiceKit
internal import Synchronization

/// Time that stands still until a test lets it pass.
///
/// What sleeps by it wakes in the order of its deadlines. PostgreSQL and whatever else a service talks to do not live by it: after an
/// `advance` the service is given work, and has not necessarily done it. Wait for what it does with `waitUntil`.
public final class TestClock: Sendable {
    /// Where nobody says otherwise: the same in each run.
    public static let defaultStart = Date(timeIntervalSince1970: 1_800_000_000)
    /// How often one `advance` stops at most to let sleepers do their work: a year passes in less than a second, and what sleeps in shorter
    /// pauses than a hundredth of the advance misses some of them.
    static let maximumStops = 100
    /// Real time for those who wake, at each stop.
    static let stopPause: Duration = .microseconds(200)
    /// How long `untilQuiet` waits at most, in milliseconds.
    static let maximumQuietTurns = 1000
    /// How far `advance(until:)` goes at a time.
    static let step: Duration = .seconds(1)

    private let start: Date
    private let timeline = Mutex(Timeline())

    public init(start: Date = defaultStart) {
        self.start = start
    }

    public var now: Date { start.addingTimeInterval(offset / .seconds(1)) }

    /// How much time has passed since the clock was made.
    public var offset: Duration { timeline.withLock { $0.offset } }

    /// How many tasks sleep by it.
    public var sleeperCount: Int { timeline.withLock { $0.sleeperCount } }

    /// For a service.
    public var serviceClock: ServiceClock {
        ServiceClock(
            now: {
                self.noteActivity()
                return self.now
            },
            sleep: {
                self.noteActivity()
                try await self.sleep(for: $0)
            })
    }

    /// Returns when so much time has passed.
    /// - Throws: `CancellationError`.
    public func sleep(for duration: Duration) async throws {
        let id = timeline.withLock { $0.makeID() }
        let isCancelled = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = timeline.withLock { $0.sleep(id, for: duration, continuation) }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            timeline.withLock { $0.cancel(id) }?.resume(returning: true)
        }
        if isCancelled || Task.isCancelled { throw CancellationError() }
    }

    // MARK: - Letting it pass

    /// Lets time pass. Returns when everything that was due has been woken, in its order.
    public func advance(by duration: Duration) async {
        let target = timeline.withLock { $0.offset } + max(.zero, duration)
        let spacing = max(.zero, duration) / Self.maximumStops
        var earliestStop = Duration.zero
        while let due = timeline.withLock({ $0.takeNext(until: target, earliestStop: earliestStop) }) {
            for timer in due.timers { timer() }
            guard !due.sleepers.isEmpty else { continue }
            for sleeper in due.sleepers { sleeper.resume(returning: false) }
            earliestStop = due.offset + spacing
            try? await Task.sleep(for: Self.stopPause)
        }
    }

    /// Lets time pass, in small steps and only while nobody seems to be at work, until the condition holds.
    /// - Parameters:
    ///   - limit: of the time that passes.
    ///   - patience: in real time, once all of it has passed.
    /// - Throws: `TestKitError` when it does not hold by then, and what the condition throws.
    public func advance(
        until what: String = "the condition", atMost limit: Duration, patience: Duration = .seconds(10),
        isolation: isolated (any Actor)? = #isolation, _ condition: () async throws -> Bool
    ) async throws {
        let end = offset + limit
        while offset < end {
            if try await condition() { return }
            await untilQuiet()
            if try await condition() { return }
            await advance(by: min(Self.step, end - offset))
        }
        try await waitUntil("\(what), in \(limit) of the test's clock", patience: patience, condition)
    }

    /// Returns when for a millisecond of real time nobody has looked at the clock or used the broker: mostly, when all wait for time to pass.
    func untilQuiet() async {
        var last = timeline.withLock { $0.activity }
        for _ in 0..<Self.maximumQuietTurns {
            try? await Task.sleep(for: .milliseconds(1))
            let activity = timeline.withLock { $0.activity }
            if activity == last { return }
            last = activity
        }
    }

    func noteActivity() {
        timeline.withLock { $0.activity &+= 1 }
    }

    // MARK: - Timers

    func makeTimer() -> UInt64 {
        timeline.withLock { $0.makeID() }
    }

    /// Calls `body` at the time, exactly, before those who sleep until then wake. One call a timer: the last that was set.
    /// - Parameter offset: nil: never.
    func set(_ timer: UInt64, at offset: Duration?, _ body: @escaping @Sendable () -> Void) {
        timeline.withLock { $0.timers[timer] = offset.map { ($0, body) } }
    }
}
