/// Where the replies to an `AMQPRequester`'s requests go.
public enum AMQPReplyMode: String, Sendable, CaseIterable {
    /// One exclusive queue for all of them: the best throughput.
    case exclusiveQueue
    /// A queue a request, deleted after its reply. Slow (under two hundred requests a second); for callees that insist on it.
    case temporaryQueue
    /// RabbitMQ's `amq.rabbitmq.reply-to`: no queue at all; the lowest latency for a single request.
    case directReplyTo
}
