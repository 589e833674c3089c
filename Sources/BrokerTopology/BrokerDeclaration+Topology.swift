package import Topology

extension BrokerDeclaration {
    /// A message that was handed out so often without an answer has killed its consumers: it goes to the dead-letter queue. RabbitMQ 4
    /// has the same number as its default; 3.10 has none.
    package static let deliveryLimit = 20
    /// Dead letters are held unacknowledged and handed out again and again: none may be lost to RabbitMQ 4's default. A number, because 3.10
    /// knows no -1.
    package static let deadLetterDeliveryLimit = 1 << 30
    /// - Parameters:
    ///   - topology: a valid one.
    ///   - users: passwords by service; services that are not in it get no user.
    package init(topology: Topology, users: [String: String]) {
        self.init(virtualHost: topology.name)
        let requested = Set(topology.requestedQueues)
        exchanges = topology.exchanges.map { DeclaredExchange(name: $0.name, kind: $0.kind, durable: $0.durable) }
        exchanges.append(DeclaredExchange(name: Queue.requestExchangeName, kind: .direct, durable: true))
        for queue in topology.queues { declare(queue, isRequested: requested.contains(queue.name)) }
        let rules = BrokerPermissionRules(topology: topology)
        for service in topology.services {
            guard let password = users[service.name] else { continue }
            self.users.append(DeclaredUser(name: service.name, password: password))
            permissions.append(rules.permission(of: service))
        }
    }

    private mutating func declare(_ queue: Queue, isRequested: Bool) {
        queues.append(
            DeclaredQueue(
                name: queue.name, kind: queue.kind, durable: queue.durable, singleActiveConsumer: queue.singleActiveConsumer))
        bindings += queue.bindings.map { DeclaredBinding(exchange: $0.exchange, queue: queue.name, key: $0.key) }
        if isRequested { bindings.append(DeclaredBinding(exchange: Queue.requestExchangeName, queue: queue.name, key: queue.name)) }
        if queue.durable { declareFailures(of: queue) }
        // Requests run out when their client has its 504: they are no dead letters.
        let keepsDeadLetters = queue.durable && !(isRequested && queue.bindings.isEmpty)
        let definition = Self.definition(of: queue, keepsDeadLetters: keepsDeadLetters)
        if !definition.isEmpty { policies.append(DeclaredPolicy(queue: queue.name, definition: definition)) }
    }

    /// The queues in which a failing message waits for its later attempts, and the one in which it rests at last.
    private mutating func declareFailures(of queue: Queue) {
        let exchange = DeclaredExchange(name: Queue.retryExchangeName(consumer: queue.consumer), kind: .direct, durable: true)
        if !exchanges.contains(exchange) { exchanges.append(exchange) }
        for (rung, delay) in (queue.retry?.delays ?? []).enumerated() {
            let name = queue.retryQueueName(rung: rung)
            declareFailureQueue(name, boundTo: exchange.name)
            var definition = Self.deadLettering(to: queue.name, kind: .quorum)
            definition["message-ttl"] = .integer(delay.milliseconds)
            policies.append(DeclaredPolicy(queue: name, definition: definition))
        }
        declareFailureQueue(queue.deadLetterQueueName, boundTo: exchange.name)
        policies.append(
            DeclaredPolicy(queue: queue.deadLetterQueueName, definition: ["delivery-limit": .integer(Self.deadLetterDeliveryLimit)]))
    }

    private mutating func declareFailureQueue(_ name: String, boundTo exchange: String) {
        queues.append(DeclaredQueue(name: name, kind: .quorum, durable: true, singleActiveConsumer: false))
        bindings.append(DeclaredBinding(exchange: exchange, queue: name, key: name))
    }

    private static func definition(of queue: Queue, keepsDeadLetters: Bool) -> [String: JSONScalar] {
        var definition = keepsDeadLetters ? deadLettering(to: queue.deadLetterQueueName, kind: queue.kind) : [:]
        if queue.kind == .quorum { definition["delivery-limit"] = .integer(deliveryLimit) }
        if let length = queue.maximumLength {
            definition["max-length"] = .integer(length)
            definition["overflow"] = .string("reject-publish")
        }
        if let ttl = queue.messageTTL { definition["message-ttl"] = .integer(ttl.milliseconds) }
        return definition
    }

    /// Through the default exchange. From quorum queues at least once, which needs reject-publish; classic ones cannot.
    private static func deadLettering(to queue: String, kind: Queue.Kind) -> [String: JSONScalar] {
        var definition: [String: JSONScalar] = ["dead-letter-exchange": .string(""), "dead-letter-routing-key": .string(queue)]
        if kind == .quorum {
            definition["dead-letter-strategy"] = .string("at-least-once")
            definition["overflow"] = .string("reject-publish")
        }
        return definition
    }
}

extension Topology {
    /// The queues that routes name.
    var requestedQueues: [String] {
        routes.compactMap { if case .queue(let name, _) = $0.target { name } else { nil } }
    }
}

extension Duration {
    /// Rounded up, so that a shorter one is not none.
    fileprivate var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
