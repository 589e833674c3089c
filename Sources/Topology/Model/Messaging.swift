package struct Exchange: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case topic, direct, fanout, headers
    }

    package var name: String
    package var kind: Kind
    package var durable: Bool
    /// Programs that are not in this file publish to it too, so that nobody here knows what comes.
    package var external: Bool

    package init(name: String, kind: Kind = .topic, durable: Bool = true, external: Bool = false) {
        self.external = external
        self.name = name
        self.kind = kind
        self.durable = durable
    }
}

package struct Queue: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case quorum, classic
    }

    package var name: String
    package var kind: Kind
    package var durable: Bool
    package var bindings: [Binding]
    /// The service that reads it.
    package var consumer: String
    package var prefetch: Int
    /// Nil: a failing message goes to the dead-letter queue at once. Only durable queues have retries and dead letters.
    package var retry: RetryLadder?
    /// Messages; nil: unbounded. Beyond it a publish is refused, never a message dropped.
    package var maximumLength: Int?
    package var messageTTL: Duration?
    package var singleActiveConsumer: Bool

    package init(
        name: String, kind: Kind = .quorum, durable: Bool = true, bindings: [Binding] = [], consumer: String, prefetch: Int = 32,
        retry: RetryLadder? = nil, maximumLength: Int? = nil, messageTTL: Duration? = nil, singleActiveConsumer: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.durable = durable
        self.bindings = bindings
        self.consumer = consumer
        self.prefetch = prefetch
        self.retry = retry
        self.maximumLength = maximumLength
        self.messageTTL = messageTTL
        self.singleActiveConsumer = singleActiveConsumer
    }

    /// Where a message waits for its `rung`th later attempt, from 0.
    package func retryQueueName(rung: Int) -> String { "\(name).retry.\(rung)" }
    package var deadLetterQueueName: String { "\(name).dead" }
    /// The direct exchange through which the consumer sends its own failing messages to their retry and dead-letter queues. Its routing keys are those queues' names.
    package static func retryExchangeName(consumer: String) -> String { "\(consumer).retry" }
    /// The direct exchange through which the gateway sends requests to queues that a route names. Its routing keys are the queues' names.
    package static let requestExchangeName = "signalbox.requests"
}

package struct Binding: Sendable, Hashable {
    package var exchange: String
    package var key: String

    package init(exchange: String, key: String) {
        self.exchange = exchange
        self.key = key
    }
}

/// What happens to a message whose handler failed: `immediate` attempts more at once, then one after each of `delays`, then the dead-letter queue.
package struct RetryLadder: Sendable, Equatable {
    package var immediate: Int
    package var delays: [Duration]

    package init(immediate: Int = 2, delays: [Duration] = []) {
        self.immediate = immediate
        self.delays = delays
    }
}
