import Synchronization

/// Between a consumer's thread and the tasks that iterate its deliveries. Its bound is the prefetch: the broker has no more on the way.
final class DeliveryBuffer: Sendable {
    struct Element: Sendable {
        let delivery: AMQPDelivery
        let tag: Subscription.Tag
    }

    private struct Waiter {
        let id: UInt64
        let continuation: CheckedContinuation<AMQPDelivery?, Never>
    }

    private struct State {
        var elements = FIFO<Element>()
        var waiters: [Waiter] = []
        var lastWaiter: UInt64 = 0
        var cancelledBeforeWaiting: Set<UInt64> = []
        var isFinished = false
    }

    private let state = Mutex(State())

    /// To the task that has waited longest, else kept.
    func append(_ element: Element) {
        let waiter = state.withLock { state -> Waiter? in
            guard state.waiters.isEmpty else { return state.waiters.removeFirst() }
            if !state.isFinished { state.elements.append(element) }
            return nil
        }
        waiter?.continuation.resume(returning: element.delivery)
    }

    /// Forgets what no task has taken: the channel it came by is gone, and the broker delivers it again.
    func removeAll() {
        state.withLock { $0.elements = FIFO() }
    }

    /// Ends the sequence.
    /// - Returns: what no task has taken.
    func finish() -> [Element] {
        let (waiters, rest) = state.withLock { state in
            state.isFinished = true
            defer {
                state.waiters = []
                state.elements = FIFO()
            }
            return (state.waiters, Array(state.elements))
        }
        for waiter in waiters { waiter.continuation.resume(returning: nil) }
        return rest
    }

    /// - Returns: nil at the end, and for a cancelled task.
    func next() async -> AMQPDelivery? {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        defer {
            // Cancelled when it had been given a delivery already: nothing will look at the mark.
            if Task.isCancelled { state.withLock { _ = $0.cancelledBeforeWaiting.remove(id) } }
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enum Outcome { case delivery(AMQPDelivery), end, wait }
                let outcome = state.withLock { state -> Outcome in
                    if state.cancelledBeforeWaiting.remove(id) != nil || state.isFinished { return .end }
                    if let element = state.elements.popFirst() { return .delivery(element.delivery) }
                    state.waiters.append(Waiter(id: id, continuation: continuation))
                    return .wait
                }
                switch outcome {
                case .delivery(let delivery): continuation.resume(returning: delivery)
                case .end: continuation.resume(returning: nil)
                case .wait: break
                }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
                    state.cancelledBeforeWaiting.insert(id)
                    return nil
                }
                return state.waiters.remove(at: index)
            }
            waiter?.continuation.resume(returning: nil)
        }
    }
}
