import Topology

/// What has to be done so that the broker is as declared.
package struct BrokerPlan: Sendable, Equatable {
    /// A difference that RabbitMQ does not let anybody mend without deleting something, which is a person's to decide.
    package struct Refusal: Sendable, Hashable, CustomStringConvertible {
        /// `queue payment.orders`
        package var subject: String
        /// What is there, what is declared, and what to do.
        package var message: String

        package var description: String { "\(subject): \(message)" }
    }

    /// In the order in which they have to be done.
    package var steps: [BrokerStep] = []
    /// With any of these, none of the steps is done.
    package var refused: [Refusal] = []
    /// What is there and not declared, for a person to see; it is left alone.
    package var undeclared: [String] = []

    package var isEmpty: Bool { steps.isEmpty && refused.isEmpty }

    package static func plan(_ declared: BrokerDeclaration, _ actual: BrokerState) -> BrokerPlan {
        var plan = BrokerPlan()
        if !actual.hasVirtualHost { plan.steps.append(.createVirtualHost(declared.virtualHost)) }
        plan.addUsers(declared, actual)
        // Policies come before their queues, so that no message ever lies in a queue without its rules.
        plan.addPolicies(declared, actual)
        plan.addExchanges(declared, actual)
        plan.addQueues(declared, actual)
        plan.steps += declared.bindings.filter { !actual.bindings.contains($0) }.map { .bind($0) }
        plan.addUndeclared(declared, actual)
        return plan
    }

    private mutating func addUsers(_ declared: BrokerDeclaration, _ actual: BrokerState) {
        let all = BrokerDeclaration.DeclaredPermission(user: actual.administrator, configure: ".*", write: ".*", read: ".*")
        for user in declared.users {
            let isSame = actual.users.contains { other in
                other.name == user.name && other.tags.isEmpty
                    && PasswordHash.matches(user.password, hash: other.passwordHash, algorithm: other.hashingAlgorithm)
            }
            if !isSame { steps.append(.putUser(user)) }
        }
        for permission in [all] + declared.permissions where !actual.permissions.contains(permission) {
            steps.append(.setPermission(permission))
        }
    }

    private mutating func addPolicies(_ declared: BrokerDeclaration, _ actual: BrokerState) {
        for policy in declared.policies {
            let isSame = actual.policies.contains { other in
                other.name == policy.name && other.pattern == policy.pattern && other.appliesTo == "queues"
                    && other.priority == BrokerDeclaration.DeclaredPolicy.priority && other.definition == policy.definition
            }
            if !isSame { steps.append(.setPolicy(policy)) }
        }
        let wanted = Set(declared.policies.map(\.name))
        let possible = Set(declared.queues.map { BrokerDeclaration.DeclaredPolicy.name(ofQueue: $0.name) })
        for policy in actual.policies where possible.contains(policy.name) && !wanted.contains(policy.name) {
            steps.append(.deletePolicy(policy.name))
        }
    }

    private mutating func addExchanges(_ declared: BrokerDeclaration, _ actual: BrokerState) {
        for exchange in declared.exchanges {
            guard let other = actual.exchanges.first(where: { $0.name == exchange.name }) else {
                steps.append(.declareExchange(exchange))
                continue
            }
            let wanted = Self.words(exchange.kind.rawValue, exchange.durable)
            let found = Self.words(other.kind, other.durable)
            if wanted != found {
                refused.append(
                    Refusal(
                        subject: "exchange \(exchange.name)",
                        message:
                            "it is \(found) in the broker and \(wanted) in the file, and RabbitMQ changes neither; write it as it is, give "
                            + "the new one another name, or delete the old one in the broker while nobody publishes"))
            }
        }
    }

    private mutating func addQueues(_ declared: BrokerDeclaration, _ actual: BrokerState) {
        for queue in declared.queues {
            guard let other = actual.queues.first(where: { $0.name == queue.name }) else {
                steps.append(.declareQueue(queue))
                continue
            }
            for difference in Self.differences(queue, other) {
                refused.append(
                    Refusal(
                        subject: "queue \(queue.name)",
                        message:
                            "\(difference), and RabbitMQ does not change that of a queue; write it as it is, give the new queue another name, "
                            + "or delete the old one in the broker once it is empty"))
            }
        }
    }

    private static func differences(_ declared: BrokerDeclaration.DeclaredQueue, _ actual: BrokerState.ActualQueue) -> [String] {
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

    private mutating func addUndeclared(_ declared: BrokerDeclaration, _ actual: BrokerState) {
        let exchanges = Set(declared.exchanges.map(\.name))
        let queues = Set(declared.queues.map(\.name))
        let isTheirs = { (name: String) in name.isEmpty || name.hasPrefix("amq.") || name.hasPrefix("signalbox.") }
        undeclared += actual.exchanges.map(\.name).filter { !isTheirs($0) && !exchanges.contains($0) }.sorted().map { "exchange \($0)" }
        undeclared += actual.queues.map(\.name).filter { !isTheirs($0) && !queues.contains($0) }.sorted().map { "queue \($0)" }
        let bindings = actual.bindings.subtracting(declared.bindings)
            .filter { !$0.exchange.isEmpty && queues.contains($0.queue) }
            .sorted { ($0.queue, $0.exchange, $0.key) < ($1.queue, $1.exchange, $1.key) }
        undeclared += bindings.map { "binding of \($0.queue) to \($0.exchange) by \"\($0.key)\"" }
    }

    private static func words(_ kind: String, _ durable: Bool) -> String { "\(kind), \(durable ? "durable" : "not durable")" }
}
