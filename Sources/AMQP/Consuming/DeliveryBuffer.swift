import Synchronization

/// Between a consumer's thread and the tasks that iterate its deliveries. Its bound is the prefetch: the broker has no more on the way.
final class DeliveryBuffer: Sendable {
    private struct Waiter {
        let id: UInt64
        let continuation: CheckedContinuation<AMQPDelivery?, Never>
    }

    private struct State {
        var elements = FIFO<AMQPDelivery>()
        var waiters: [Waiter] = []
        var lastWaiter: UInt64 = 0
        var cancelledBeforeWaiting: Set<UInt64> = []
        var isFinished = false
        var losses = 0
    }

    private let state = Mutex(State())

    /// To the task that has waited longest, else kept.
    func append(_ delivery: AMQPDelivery) {
        let waiter = state.withLock { state -> Waiter? in
            guard state.waiters.isEmpty else { return state.waiters.removeFirst() }
            if !state.isFinished { state.elements.append(delivery) }
            return nil
        }
        waiter?.continuation.resume(returning: delivery)
    }

    /// Forgets what no task has taken: the channel it came by is gone, and the broker delivers it again.
    @discardableResult
    func removeAll() -> [AMQPDelivery] {
        state.withLock { state in
            state.losses += 1
            defer { state.elements = FIFO() }
            return Array(state.elements)
        }
    }

    /// How often the channel was lost.
    var losses: Int { state.withLock { $0.losses } }

    func takeFirst() -> AMQPDelivery? {
        state.withLock { $0.elements.popFirst() }
    }

    /// Ends the sequence.
    /// - Returns: what no task has taken.
    func finish() -> [AMQPDelivery] {
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
        if !Task.isCancelled, let delivery = takeFirst() { return delivery }
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
                    if let delivery = state.elements.popFirst() { return .delivery(delivery) }
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
