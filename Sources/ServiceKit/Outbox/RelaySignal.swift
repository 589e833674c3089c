internal import Synchronization

/// What the relay waits for: commits that published, answers of the broker, the time. Many calls before it looks are as one.
final class RelaySignal: Sendable {
    private let wakeUp = WakeUp()
    private let hasCommits = Atomic<Bool>(false)
    private let hasSchedule = Atomic<Bool>(false)
    private let answers = Mutex<[(id: Int, result: OutboxResult)]>([])

    /// There may be new rows.
    /// - Parameter forSchedule: also of what is to be published later.
    func wake(forSchedule: Bool = true) {
        if forSchedule { hasSchedule.store(true, ordering: .sequentiallyConsistent) }
        hasCommits.store(true, ordering: .sequentiallyConsistent)
        wakeUp.wake()
    }

    func answered(_ results: [(id: Int, result: OutboxResult)]) {
        answers.withLock { $0 += results }
        wakeUp.wake()
    }

    /// Whether `wake` was called since the last time.
    func takeCommits() -> Bool {
        hasCommits.exchange(false, ordering: .sequentiallyConsistent)
    }

    /// Whether it was called for something scheduled since the last time.
    func takeSchedule() -> Bool {
        hasSchedule.exchange(false, ordering: .sequentiallyConsistent)
    }

    func takeAnswers() -> [(id: Int, result: OutboxResult)] {
        answers.withLock { answers in
            defer { answers.removeAll(keepingCapacity: true) }
            return answers
        }
    }

    /// Returns when something has come since the last wait, the time is over, or the task is cancelled.
    func wait(atMost limit: Duration, clock: ServiceClock) async {
        await wakeUp.wait(atMost: limit, clock: clock)
    }
}
