/// Wakes the relay: after commits that published, and by its own slow poll. Many calls before it looks are as one.
final class RelaySignal: Sendable {
    let calls: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (calls, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func wake() {
        continuation.yield()
    }

    /// False when the waiting task was cancelled.
    func next() async -> Bool {
        for await _ in calls { return true }
        return false
    }
}
