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
    /// Through which a message that is given up goes to the queue's dead-letter queue; nil: it has none.
    public var retryExchange: String?
    /// The broker hands its messages to one instance of the service at a time, so that a subject's order holds over all of them.
    public var isSingleActiveConsumer: Bool

    public init(
        prefetch: Int = defaultPrefetch, immediate: Int = defaultImmediateAttempts, delays: [Duration] = [], retryExchange: String? = nil,
        isSingleActiveConsumer: Bool = false
    ) {
        self.prefetch = prefetch
        self.immediate = immediate
        self.delays = delays
        self.retryExchange = retryExchange
        self.isSingleActiveConsumer = isSingleActiveConsumer
    }
}
