import Topology

extension BrokerPlan {
    mutating func addQueueMigrations(_ declared: BrokerDeclaration, _ actual: BrokerState) {
        for queue in declared.queues {
            let other = actual.queue(queue.name)
            let differences = other.map { Self.differences(queue, $0) } ?? []
            guard !differences.isEmpty || QueueMigration.hasBegun(queue.name, actual) else { continue }
            if let other, other.exclusive {
                refused.append(
                    Refusal(
                        subject: "queue \(queue.name)",
                        message: "it is exclusive in the broker, declared by another connection; end what holds it, and apply again"))
                continue
            }
            if !actual.bindings(toQueue: queue.name).allSatisfy(\.isReproducible) {
                refused.append(
                    Refusal(
                        subject: "queue \(queue.name)",
                        message:
                            "\(differences.joined(separator: ", ")), and it has a binding with lists or tables as arguments, which cannot "
                            + "be made again by Signalbox; remove that, or write the queue as it is"))
                continue
            }
            queueMigrations.append(
                QueueMigration(
                    queue: queue, bindings: declared.bindings.filter { $0.queue == queue.name },
                    policy: declared.policies.first { $0.queue == queue.name }, exchanges: Set(declared.exchanges.map(\.name)),
                    reasons: differences))
        }
    }

    static func differences(_ declared: BrokerDeclaration.DeclaredQueue, _ actual: BrokerState.ActualQueue) -> [String] {
        var differences: [String] = []
        if actual.kind != declared.kind.rawValue {
            differences.append("its type is \(actual.kind) in the broker and \(declared.kind.rawValue) in the file")
        }
        if actual.durable != declared.durable {
            differences.append("durable is \(actual.durable) in the broker and \(declared.durable) in the file")
        }
        let isSingle = actual.arguments["x-single-active-consumer"] == .boolean(true)
        if isSingle != declared.singleActiveConsumer {
            differences.append("single_active_consumer is \(isSingle) in the broker and \(declared.singleActiveConsumer) in the file")
        }
        if actual.exclusive || actual.autoDelete {
            differences.append("it is \(actual.exclusive ? "exclusive" : "auto-delete") in the broker, declared by something else")
        }
        let others = actual.arguments.keys.filter { $0 != "x-queue-type" && $0 != "x-single-active-consumer" }.sorted()
        if !others.isEmpty {
            differences.append("it was declared with the arguments \(others.joined(separator: ", ")), which stand above every policy")
        }
        return differences
    }

    mutating func addExchangeMigrations(_ declared: BrokerDeclaration, _ actual: BrokerState) {
        let migrating = Set(queueMigrations.map(\.queue.name))
        let stale = declared.stale(in: actual)
        for exchange in declared.exchanges {
            let other = actual.exchange(exchange.name)
            let differences = other.map { Self.differences(exchange, $0) } ?? []
            let bindings = declared.bindings.filter { $0.exchange == exchange.name }
            // Bound to one queue after the other while services publish to it, it would give messages to some of them only.
            let isMissed = other == nil && bindings.contains { actual.queue($0.queue) != nil }
            let hasBegun = actual.exchange(MigrationNames.exchange(for: exchange.name)) != nil
            guard !differences.isEmpty || isMissed || hasBegun else { continue }
            let lasting = actual.bindings(from: exchange.name).union(actual.bindings(toExchange: exchange.name))
            guard lasting.allSatisfy(\.isReproducible) else {
                refused.append(
                    Refusal(
                        subject: "exchange \(exchange.name)",
                        message: (differences.first ?? "it has to be declared anew")
                            + ", and there is a binding with lists or tables as arguments, which cannot be made again by Signalbox; remove that, or "
                            + "write the exchange as it is"))
                continue
            }
            exchangeMigrations.append(
                ExchangeMigration(
                    exchange: exchange,
                    bindings: Set(bindings.filter { !migrating.contains($0.queue) }.map { BrokerBinding($0) }),
                    stale: stale.filter { $0.source == exchange.name && !migrating.contains($0.destination) }, reasons: differences))
        }
    }

    static func differences(
        _ declared: BrokerDeclaration.DeclaredExchange, _ actual: BrokerState.ActualExchange
    ) -> [String] {
        var differences: [String] = []
        if actual.kind != declared.kind.rawValue {
            differences.append("its type is \(actual.kind) in the broker and \(declared.kind.rawValue) in the file")
        }
        if actual.durable != declared.durable {
            differences.append("durable is \(actual.durable) in the broker and \(declared.durable) in the file")
        }
        if !actual.peculiarities.isEmpty {
            differences.append("it was declared with \(actual.peculiarities.joined(separator: ", ")), which the file does not say")
        }
        return differences
    }
}
