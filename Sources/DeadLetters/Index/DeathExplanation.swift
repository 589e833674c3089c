import AMQP

/// Why the broker itself moved a message into a dead-letter queue, from its header `x-death`.
struct DeathExplanation: Equatable {
    /// RabbitMQ's word: rejected, expired, maxlen, delivery_limit.
    var reason: String
    var queue: String
    var count: Int64
    /// By which it came into that queue.
    var routingKey: String?
    /// Seconds since 1970.
    var time: Int64?

    /// Nil without such a header. Of several entries the first: the broker puts the latest death there.
    init?(_ headers: [String: AMQPValue]) {
        guard case .array(let deaths)? = headers["x-death"], case .table(let death)? = deaths.first,
            let reason = death["reason"]?.string, let queue = death["queue"]?.string
        else { return nil }
        self.reason = reason
        self.queue = queue
        count = death["count"]?.int ?? 1
        if case .array(let keys)? = death["routing-keys"] { routingKey = keys.first?.string }
        if case .timestamp(let seconds)? = death["time"] { time = seconds }
    }

    var cause: String {
        switch reason {
        case "rejected": "its consumer rejected it"
        case "expired": "it waited in \(queue) longer than it may"
        case "maxlen": "\(queue) was full"
        case "delivery_limit": "\(queue) handed it out again and again and no consumer settled it"
        default: "RabbitMQ: \(reason)"
        }
    }

    var explanation: String {
        switch reason {
        case "rejected":
            "RabbitMQ moved it here because the consumer of \(queue) rejected it without saying why; the consumer's log may tell."
        case "expired":
            "RabbitMQ moved it here because nobody had taken it from \(queue) when its time (the queue's message_ttl, or the message's own "
                + "expiration) was over. Was the consumer down, or too slow?"
        case "maxlen":
            "RabbitMQ moved it here because \(queue) held as many messages as it may."
        case "delivery_limit":
            "RabbitMQ moved it here because it was handed out to consumers of \(queue) up to the delivery limit and none settled it: most "
                + "likely it ends the process that handles it. Look at the service's log before sending it back."
        default: "RabbitMQ moved it here from \(queue); the reason it gives is \(reason)."
        }
    }
}
