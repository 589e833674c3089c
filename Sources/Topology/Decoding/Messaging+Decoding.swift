extension Exchange {
    init(name: String, from field: Field) {
        let reader = ObjectReader(field, ExchangeKey.self)
        self.init(name: name)
        kind = reader[.type]?.choice(Kind.self) ?? kind
        durable = reader[.durable]?.boolean() ?? durable
        external = reader[.external]?.boolean() ?? external
    }
}

extension Queue {
    init(name: String, from field: Field) {
        let reader = ObjectReader(field, QueueKey.self)
        let isDurable = reader[.durable]?.boolean() ?? true
        let given = reader[.type]?.choice(Kind.self)
        self.init(
            name: name,
            kind: given ?? (isDurable ? .quorum : .classic),
            durable: isDurable,
            bindings: reader[.bindings]?.list(of: "bindings").map { Binding(from: $0) } ?? [],
            consumer: reader[.consumer]?.nonemptyString(expected: "a service") ?? "",
            prefetch: reader[.prefetch]?.integer(in: TopologyBounds.prefetch) ?? 32,
            retry: reader[.retry].map { RetryLadder(from: $0) },
            maximumLength: reader[.maxLength]?.integer(in: TopologyBounds.maximumLength),
            messageTTL: reader[.messageTTL]?.duration(in: TopologyBounds.messageTTL),
            singleActiveConsumer: reader[.singleActiveConsumer]?.boolean() ?? false)
        if given == .quorum, !isDurable {
            reader[.type]?.report("a quorum queue is always durable; write \"type: classic\", or remove \"durable: false\"")
        }
        if !isDurable {
            reader[.retry]?.report(
                "a queue that is not durable has no retries and no dead-letter queue; remove retry, or \"durable: false\"")
        }
    }
}

extension Binding {
    init(from field: Field) {
        let reader = ObjectReader(field, BindingKey.self)
        self.init(
            exchange: reader[.exchange]?.nonemptyString(expected: "an exchange") ?? "",
            key: reader[.key]?.string(expected: "a routing key") ?? "")
        if key.utf8.count > 255 { reader[.key]?.report("the routing key is longer than 255 bytes, the most that AMQP carries; shorten it") }
    }
}

extension RetryLadder {
    init(from field: Field) {
        let reader = ObjectReader(field, RetryKey.self)
        self.init()
        immediate = reader[.immediate]?.integer(in: TopologyBounds.immediateRetries) ?? immediate
        let rungs = reader[.delays]?.list(of: "durations") ?? []
        delays = rungs.compactMap { $0.duration(in: TopologyBounds.retryDelay) }
        if rungs.count > TopologyBounds.retryRungs {
            reader[.delays]?.report(
                "found \(rungs.count) delays, expected at most \(TopologyBounds.retryRungs): each is a queue of its own")
        }
    }
}
