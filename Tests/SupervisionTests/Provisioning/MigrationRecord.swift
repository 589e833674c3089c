import AMQP
import Synchronization
import Testing

/// What was confirmed, and what came, in which order.
final class MigrationRecord: Sendable {
    private struct State {
        var confirmed: [Int: Int] = [:]
        /// By queue and key: the highest number so far.
        var latest: [String: [Int: Int]] = [:]
        var gaps: [String] = []
        var foreignIDs: [String] = []
        var duplicates = 0
        var handled = 0
        var refusals: [String: Int] = [:]
        var trace: [String] = []
        var confirmedAt: [Int: ContinuousClock.Instant] = [:]
        var longestPause = Duration.zero
    }

    private let state = Mutex(State())

    var handled: Int { state.withLock { $0.handled } }

    var isComplete: Bool {
        state.withLock { state in
            ["q", "other"].allSatisfy { queue in
                state.confirmed.allSatisfy { state.latest[queue, default: [:]][$0.key, default: 0] >= $0.value }
            }
        }
    }

    /// From one confirm of a key to the next.
    var longestPause: Duration { state.withLock { $0.longestPause } }

    func confirmed(_ key: Int, _ number: Int) {
        state.withLock { state in
            let now = ContinuousClock.now
            if let before = state.confirmedAt[key] { state.longestPause = max(state.longestPause, before.duration(to: now)) }
            state.confirmedAt[key] = now
            state.confirmed[key] = number
        }
    }

    func refused(_ code: AMQPError.Code) { state.withLock { $0.refusals["\(code)", default: 0] += 1 } }

    func trace(_ text: String) {
        state.withLock { if $0.trace.last != text { $0.trace.append(text) } }
    }

    func delivered(_ key: Int, _ number: Int, id: String?, from queue: String) {
        state.withLock { state in
            let latest = state.latest[queue, default: [:]][key, default: 0]
            if id != "\(key).\(number)" { state.foreignIDs.append("\(id ?? "-") of \(key).\(number)") }
            if number > latest + 1 { state.gaps.append("\(queue): \(key).\(number) after \(key).\(latest)") }
            if number <= latest { state.duplicates += 1 }
            state.latest[queue, default: [:]][key] = max(latest, number)
            if queue == "q" { state.handled += 1 }
        }
    }

    func check() {
        let state = state.withLock { $0 }
        print(
            "migration: \(state.handled) deliveries, longest pause \(state.longestPause), \(state.duplicates) duplicates, refusals \(state.refusals), \(state.trace)"
        )
        #expect(state.gaps.isEmpty && state.foreignIDs.isEmpty)
        for queue in ["q", "other"] {
            for (key, number) in state.confirmed {
                #expect(state.latest[queue, default: [:]][key, default: 0] >= number, "\(queue): lost after \(key)")
            }
        }
    }
}
