internal import Synchronization

/// Work that may block for good, such as on a dead file system: done on a thread of its own, and waited for only so long.
enum BlockingCall {
    /// Threads that have not come back.
    static let maximumThreads = 64

    private static let threads = Mutex(0)

    /// - Returns: nil when it did not come back in time, or too many before it have not; whatever comes of it later is dropped.
    static func run<Value: Sendable>(within limit: Duration, _ body: @escaping @Sendable () -> Value) async -> Value? {
        let isFree = threads.withLock { threads in
            guard threads < maximumThreads else { return false }
            threads += 1
            return true
        }
        guard isFree else { return nil }
        let (values, continuation) = AsyncStream<Value>.makeStream(bufferingPolicy: .bufferingOldest(1))
        let isStarted = BlockingThread.start {
            continuation.yield(body())
            continuation.finish()
            threads.withLock { $0 -= 1 }
        }
        guard isStarted else {
            threads.withLock { $0 -= 1 }
            return nil
        }
        // Ends by itself; nothing waits for it.
        let timer = Task {
            try await Task.sleep(for: limit)
            continuation.finish()
        }
        defer { timer.cancel() }
        return await values.first { _ in true }
    }
}
