internal import BrokerTopology
public import ServiceKit
internal import Topology

/// What a `TestBroker` has declared, and what the services on it are told of their queues.
public struct TestTopology: Sendable {
    /// What the supervisor would hand a service's process.
    public struct Service: Sendable {
        public var queues: [String: QueueSettings] = [:]
        /// The exchange that `Transaction.publish` publishes to.
        public var eventsExchange: String?
        public var environment: [String: String] = [:]

        public init() {}
    }

    public var exchanges: Set<TestExchange> = []
    public var queues: [TestQueue] = []
    public var bindings: Set<TestBinding> = []
    public var services: [String: Service] = [:]

    public init() {}

    // MARK: - As topology.yaml

    /// As in topology.yaml: with its retry exchange, its dead-letter queue and its limits.
    /// - Parameters:
    ///   - consumer: the service that reads it.
    ///   - bindings: of exchanges added before.
    ///   - immediate: attempts more, at once, after a failed one.
    ///   - delays: then one after each of these.
    public mutating func addQueue(
        _ name: String, consumer: String, kind: TestQueue.Kind = .quorum, bindings: [(exchange: String, key: String)] = [],
        immediate: Int = QueueSettings.defaultImmediateAttempts, delays: [Duration] = [], prefetch: Int = QueueSettings.defaultPrefetch,
        maximumLength: Int? = nil, messageTTL: Duration? = nil, isSingleActiveConsumer: Bool = false
    ) {
        let queue = Queue(
            name: name, kind: kind == .quorum ? .quorum : .classic,
            bindings: bindings.map { Binding(exchange: $0.exchange, key: $0.key) }, consumer: consumer, prefetch: prefetch,
            retry: RetryLadder(immediate: immediate, delays: delays), maximumLength: maximumLength, messageTTL: messageTTL,
            singleActiveConsumer: isSingleActiveConsumer)
        add(Topology(name: "test", queues: [queue]))
    }

    /// - Parameter exchange: the first of its `publishes` in topology.yaml.
    public mutating func addService(_ name: String, publishes exchange: String) {
        exchanges.formUnion(exchanges.contains { $0.name == exchange } ? [] : [TestExchange(exchange)])
        services[name, default: Service()].eventsExchange = exchange
    }

    /// All that the supervisor would declare for it.
    mutating func add(_ topology: Topology) {
        let declaration = BrokerDeclaration(topology: topology, users: [:])
        for exchange in declaration.exchanges {
            exchanges.insert(TestExchange(exchange.name, TestExchange.Kind(rawValue: exchange.kind.rawValue) ?? .topic))
        }
        for declared in declaration.queues {
            var queue = TestQueue(declared.name, declared.kind == .quorum ? .quorum : .classic)
            queue.isSingleActiveConsumer = declared.singleActiveConsumer
            for policy in declaration.policies where policy.queue == declared.name { queue.apply(policy.definition) }
            queues.append(queue)
        }
        for binding in declaration.bindings {
            bindings.insert(TestBinding(exchange: binding.exchange, queue: binding.queue, key: binding.key))
        }
        for service in topology.services {
            services[service.name, default: Service()].eventsExchange = service.publishes.first
            services[service.name, default: Service()].environment = service.environment
        }
        for queue in topology.queues {
            services[queue.consumer, default: Service()].queues[queue.name] = QueueSettings(
                prefetch: queue.prefetch, immediate: queue.retry?.immediate ?? 0, delays: queue.retry?.delays ?? [],
                retryExchange: Queue.retryExchangeName(consumer: queue.consumer), isSingleActiveConsumer: queue.singleActiveConsumer)
        }
    }
}

extension TestQueue {
    fileprivate mutating func apply(_ policy: [String: JSONScalar]) {
        func number(_ name: String) -> Int? { if case .integer(let value) = policy[name] { value } else { nil } }
        func text(_ name: String) -> String? { if case .string(let value) = policy[name] { value } else { nil } }
        deliveryLimit = number("delivery-limit")
        maximumLength = number("max-length")
        messageTTL = number("message-ttl").map { .milliseconds($0) }
        overflow = text("overflow").flatMap(Overflow.init) ?? .dropHead
        deadLetterExchange = text("dead-letter-exchange")
        deadLetterRoutingKey = text("dead-letter-routing-key")
        isDeadLetteringAtLeastOnce = text("dead-letter-strategy") == "at-least-once"
    }
}
