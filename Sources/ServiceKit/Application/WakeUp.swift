internal import Synchronization

/// Ends another task's wait. A call that comes before the wait ends it too; many of them are as one. For one waiting task.
final class WakeUp: Sendable {
    private struct State {
        var isCalled = false
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var cancelled: Set<UInt64> = []
        var lastWaiter: UInt64 = 0
    }

    private let state = Mutex(State())

    func wake() {
        let waiters = state.withLock { state in
            state.isCalled = state.waiters.isEmpty
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when it is called, or the task is cancelled.
    func wait() async {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return true }
                    if state.isCalled {
                        state.isCalled = false
                        return true
                    }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let waiter = state.waiters.removeValue(forKey: id)
                if waiter == nil { state.cancelled.insert(id) }
                return waiter
            }
            waiter?.resume()
        }
        // Cancelled too late to matter: nothing will look at the mark.
        state.withLock { _ = $0.cancelled.remove(id) }
    }

    /// Returns when it is called, the time is over, or the task is cancelled.
    func wait(atMost limit: Duration, clock: ServiceClock) async {
        guard limit > .zero else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            group.addTask { await clock.rest(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }
}
