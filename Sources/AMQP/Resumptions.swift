import EventThread

/// Callers whose wait is over, resumed together at the end of the thread's turn: one after the other, each would wake a thread of Swift's
/// pool anew. It belongs to the thread.
final class Resumptions<Value: Sendable> {
    private let thread: EventThread
    private var due: [(continuation: CheckedContinuation<Value, Never>, value: Value)] = []

    init(thread: EventThread) {
        self.thread = thread
    }

    func resume(_ continuation: CheckedContinuation<Value, Never>, returning value: Value) {
        due.append((continuation, value))
        if due.count == 1 { thread.afterTurn { self.flush() } }
    }

    private func flush() {
        let resuming = due
        due.removeAll(keepingCapacity: true)
        for (continuation, value) in resuming { continuation.resume(returning: value) }
    }
}
