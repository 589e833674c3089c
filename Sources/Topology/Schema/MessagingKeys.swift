enum ExchangeKey: String, TopologyKey {
    case type, durable, external

    static let title = "an exchange"

    var shape: ValueShape {
        switch self {
        case .type: .choice(Exchange.Kind.self)
        case .durable, .external: .boolean
        }
    }

    var summary: String {
        switch self {
        case .type: "topic if not given."
        case .durable: "true if not given."
        case .external: "true: programs that are not in this file publish to it too."
        }
    }
}

enum QueueKey: String, TopologyKey {
    case bindings, consumer, prefetch, retry, type, durable
    case maxLength = "max_length"
    case messageTTL = "message_ttl"
    case singleActiveConsumer = "single_active_consumer"

    static let title = "a queue"
    static let required: [QueueKey] = [.consumer]

    var shape: ValueShape {
        switch self {
        case .bindings: .list(.object(BindingKey.self))
        case .consumer: .text
        case .prefetch: .integer(TopologyBounds.prefetch)
        case .retry: .object(RetryKey.self)
        case .type: .choice(Queue.Kind.self)
        case .durable, .singleActiveConsumer: .boolean
        case .maxLength: .integer(TopologyBounds.maximumLength)
        case .messageTTL: .duration
        }
    }

    var summary: String {
        switch self {
        case .bindings: "What the queue gets from which exchanges."
        case .consumer: "The service that reads it."
        case .prefetch: "The most messages that an instance holds at a time; 32 if not given."
        case .retry: "What happens to a message whose handler failed; to the dead-letter queue at once if not given."
        case .type: "quorum (if not given and durable) or classic."
        case .durable: "true if not given."
        case .maxLength: "Messages; beyond it a publish is refused."
        case .messageTTL: "After which a message that nobody took goes to the dead-letter queue."
        case .singleActiveConsumer: "true: one instance reads at a time, so that the order is kept."
        }
    }
}

enum BindingKey: String, TopologyKey {
    case exchange, key

    static let title = "a binding"
    static let required: [BindingKey] = [.exchange]
    var shape: ValueShape { .text }

    var summary: String {
        switch self {
        case .exchange: "One of the exchanges of this file."
        case .key: "The routing key; for a topic exchange a pattern with * and #."
        }
    }
}

enum RetryKey: String, TopologyKey {
    case immediate, delays

    static let title = "a retry ladder"

    var shape: ValueShape {
        switch self {
        case .immediate: .integer(TopologyBounds.immediateRetries)
        case .delays: .list(.duration, atMost: TopologyBounds.retryRungs)
        }
    }

    var summary: String {
        switch self {
        case .immediate: "So many more attempts at once; 2 if not given."
        case .delays: "Then one attempt after each of these; then the dead-letter queue."
        }
    }
}
