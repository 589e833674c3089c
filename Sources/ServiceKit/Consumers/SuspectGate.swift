internal import Synchronization

/// Lets any number of batches through at once, or one suspect alone.
final class SuspectGate: Sendable {
    private struct State {
        var inside = 0
        var isExclusive = false
        var waiting: [(isExclusive: Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    /// Whoever waits first goes first. Not ended by cancellation: those inside end soon then.
    func enter(isExclusive: Bool) async {
        await withCheckedContinuation { continuation in
            let isIn = state.withLock { state in
                if state.waiting.isEmpty, Self.admits(isExclusive, state) {
                    Self.admit(isExclusive, &state)
                    return true
                }
                state.waiting.append((isExclusive, continuation))
                return false
            }
            if isIn { continuation.resume() }
        }
    }

    func leave() {
        let admitted = state.withLock { state in
            state.inside -= 1
            state.isExclusive = false
            var admitted: [CheckedContinuation<Void, Never>] = []
            while let first = state.waiting.first, Self.admits(first.isExclusive, state) {
                state.waiting.removeFirst()
                Self.admit(first.isExclusive, &state)
                admitted.append(first.continuation)
            }
            return admitted
        }
        for continuation in admitted { continuation.resume() }
    }

    private static func admits(_ isExclusive: Bool, _ state: State) -> Bool {
        isExclusive ? state.inside == 0 : !state.isExclusive
    }

    private static func admit(_ isExclusive: Bool, _ state: inout State) {
        state.inside += 1
        state.isExclusive = isExclusive
    }
}
