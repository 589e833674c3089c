internal import Synchronization

/// Gives an answer within a time, whatever the one who is asked does.
enum TimeLimit {
    /// The work is cancelled when its time is over; whether it heeds that or not, the answer comes then.
    static func run(_ limit: Duration, _ work: @escaping @Sendable () async -> ProbeAnswer) async -> ProbeAnswer {
        let first = FirstAnswer()
        // Neither is awaited: work that does not heed its cancellation must not hold up the answer. Both end by themselves.
        let working = Task { first.give(await work()) }
        let timing = Task {
            do { try await Task.sleep(for: limit) } catch { return }
            first.give(.failure("no answer within \(limit)"))
        }
        let answer = await withTaskCancellationHandler {
            await first.wait()
        } onCancel: {
            first.give(.failure("cancelled"))
        }
        working.cancel()
        timing.cancel()
        return answer
    }

    private final class FirstAnswer: Sendable {
        private enum State {
            case open
            case awaited(CheckedContinuation<ProbeAnswer, Never>)
            case given(ProbeAnswer)
        }

        private let state = Mutex(State.open)

        func give(_ answer: ProbeAnswer) {
            let waiting = state.withLock { state -> CheckedContinuation<ProbeAnswer, Never>? in
                switch state {
                case .given: return nil
                case .open:
                    state = .given(answer)
                    return nil
                case .awaited(let continuation):
                    state = .given(answer)
                    return continuation
                }
            }
            waiting?.resume(returning: answer)
        }

        func wait() async -> ProbeAnswer {
            await withCheckedContinuation { continuation in
                let given = state.withLock { state -> ProbeAnswer? in
                    if case .given(let answer) = state { return answer }
                    state = .awaited(continuation)
                    return nil
                }
                if let given { continuation.resume(returning: given) }
            }
        }
    }
}
