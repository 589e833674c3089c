internal import Synchronization

/// Something that happens once and that tasks wait for.
final class Latch: Sendable {
    private struct State {
        var isTriggered = false
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var cancelled: Set<UInt64> = []
        var lastWaiter: UInt64 = 0
    }

    private let state = Mutex(State())

    var isTriggered: Bool { state.withLock { $0.isTriggered } }

    func trigger() {
        let waiters = state.withLock { state in
            state.isTriggered = true
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when it has happened, or the task is cancelled.
    func wait() async {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isTriggered || state.cancelled.remove(id) != nil { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let waiter = state.waiters.removeValue(forKey: id)
                // It comes too early where the task was cancelled before it waited, too late where it has happened.
                if waiter == nil && !state.isTriggered { state.cancelled.insert(id) }
                return waiter
            }
            waiter?.resume()
        }
    }

    /// Returns when it has happened, the time is over, or the task is cancelled.
    func wait(atMost limit: Duration, clock: ServiceClock = .system) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            group.addTask { await clock.rest(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }
}
