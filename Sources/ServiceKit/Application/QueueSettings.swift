/// How one of the service's queues is read, as topology.yaml says.
public struct QueueSettings: Sendable, Equatable {
    public static let defaultPrefetch = 32
    public static let defaultImmediateAttempts = 2

    /// Messages in hand at once, at most.
    public var prefetch: Int
    /// Attempts more, made at once after the first one failed.
    public var immediate: Int
    /// Then one attempt after each of these, then the dead-letter queue.
    public var delays: [Duration]
    /// Through which failing messages go to the queue's retry and dead-letter queues; nil: it has none.
    public var retryExchange: String?

    public init(
        prefetch: Int = defaultPrefetch, immediate: Int = defaultImmediateAttempts, delays: [Duration] = [], retryExchange: String? = nil
    ) {
        self.prefetch = prefetch
        self.immediate = immediate
        self.delays = delays
        self.retryExchange = retryExchange
    }
}
