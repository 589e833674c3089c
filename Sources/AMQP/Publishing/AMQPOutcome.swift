/// How one message of a batch fared.
public struct AMQPOutcome: Sendable, Equatable {
    /// Its place in the batch, from 0.
    public let index: Int
    /// Nil: the broker has taken responsibility for it.
    public let error: AMQPError?

    public init(index: Int, error: AMQPError?) {
        self.index = index
        self.error = error
    }
}
