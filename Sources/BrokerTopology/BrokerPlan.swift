import Topology

/// What has to be done so that the broker is as declared.
package struct BrokerPlan: Sendable, Equatable {
    /// A difference that can be mended by nobody but a person.
    package struct Refusal: Sendable, Hashable, CustomStringConvertible {
        /// `queue payment.orders`
        package var subject: String
        /// What is there, what is declared, and what to do.
        package var message: String

        package var description: String { "\(subject): \(message)" }
    }

    /// In the order in which they have to be done.
    package var steps: [BrokerStep] = []
    /// Exchanges that RabbitMQ does not change in place. Done after the steps, in a moment.
    package var exchangeMigrations: [ExchangeMigration] = []
    /// Queues that RabbitMQ does not change in place. Done beside everything else: consumers have to read the old ones empty.
    package var queueMigrations: [QueueMigration] = []
    /// With any of these, none of the steps is done.
    package var refused: [Refusal] = []
    /// What is there and not declared, for a person to see.
    package var undeclared: [UndeclaredThing] = []

    package var isEmpty: Bool { steps.isEmpty && refused.isEmpty && exchangeMigrations.isEmpty && queueMigrations.isEmpty }

    /// Everything that differs, a sentence each.
    package var differences: [String] {
        steps.map(\.difference) + exchangeMigrations.flatMap(\.differences) + queueMigrations.flatMap(\.differences)
            + refused.map(\.description)
    }

    /// - Parameters:
    ///   - prunes: whether what is undeclared is deleted.
    ///   - renewing: queues without a leader that are deleted and declared anew.
    package static func plan(
        _ declared: BrokerDeclaration, _ actual: BrokerState, prunes: Bool = false, renewing: Set<String> = []
    ) -> BrokerPlan {
        var plan = BrokerPlan()
        if !actual.hasVirtualHost { plan.steps.append(.createVirtualHost(declared.virtualHost)) }
        plan.addUsers(declared, actual)
        plan.addQueueMigrations(declared, actual)
        plan.addExchangeMigrations(declared, actual)
        let queues = Set(plan.queueMigrations.map(\.queue.name))
        let exchanges = Set(plan.exchangeMigrations.map(\.exchange.name))
        // Policies come before their queues, so that no message ever lies in a queue without its rules.
        plan.addPolicies(declared, actual, except: queues)
        let missing = declared.exchanges.filter { actual.exchange($0.name) == nil && !exchanges.contains($0.name) }
        plan.steps += missing.map { .declareExchange($0) }
        let lost = renewing.subtracting(queues)
        for queue in declared.queues where !queues.contains(queue.name) {
            let isLost = lost.contains(queue.name)
            if isLost, let other = actual.queue(queue.name) { plan.steps.append(.deleteQueue(queue.name, messages: other.messages)) }
            if isLost || actual.queue(queue.name) == nil { plan.steps.append(.declareQueue(queue)) }
        }
        plan.addBindings(declared, actual, migratingQueues: queues, migratingExchanges: exchanges, lost: lost)
        plan.addUndeclared(declared, actual)
        if prunes { plan.steps += plan.undeclared.map(\.pruning) }
        return plan
    }

    /// Of a plan, what declares these queues anew, and nothing else.
    package func renewal(of queues: Set<String>) -> BrokerPlan {
        var plan = BrokerPlan()
        plan.steps = steps.filter { step in
            switch step {
            case .deleteQueue(let name, _): queues.contains(name)
            case .declareQueue(let queue): queues.contains(queue.name)
            case .bind(let binding): !binding.isToExchange && queues.contains(binding.destination)
            case .setPolicy(let policy): queues.contains(policy.queue)
            default: false
            }
        }
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
        for user in declared.users where actual.topicRestricted.contains(user.name) {
            steps.append(.clearTopicPermissions(user: user.name))
        }
    }

    private mutating func addPolicies(_ declared: BrokerDeclaration, _ actual: BrokerState, except queues: Set<String>) {
        for policy in declared.policies where !queues.contains(policy.queue) && !actual.has(policy) { steps.append(.setPolicy(policy)) }
        let wanted = Set(declared.policies.map(\.name))
        for queue in declared.queues where !queues.contains(queue.name) {
            let name = BrokerDeclaration.DeclaredPolicy.name(ofQueue: queue.name)
            if !wanted.contains(name), actual.policy(name) != nil { steps.append(.deletePolicy(name)) }
        }
    }

    private mutating func addBindings(
        _ declared: BrokerDeclaration, _ actual: BrokerState, migratingQueues: Set<String>, migratingExchanges: Set<String>,
        lost: Set<String>
    ) {
        func isOrdinary(_ binding: BrokerBinding) -> Bool {
            !migratingQueues.contains(binding.destination) && !migratingExchanges.contains(binding.source)
        }
        let wanted = declared.bindings.map { BrokerBinding($0) }.filter(isOrdinary)
        steps += wanted.filter { !actual.bindings.contains($0) || lost.contains($0.destination) }.map { .bind($0) }
        steps += declared.stale(in: actual).filter(isOrdinary).sorted().map { .unbind($0) }
    }

    private mutating func addUndeclared(_ declared: BrokerDeclaration, _ actual: BrokerState) {
        let exchanges = Set(declared.exchanges.map(\.name))
        let queues = Set(declared.queues.map(\.name))
        let own = declared.ownNames
        let isLeftOut = { (name: String) in name.isEmpty || name.hasPrefix("amq.") || name.hasPrefix("signalbox.") || own.contains(name) }
        undeclared += actual.exchanges.map(\.name).filter { !isLeftOut($0) && !exchanges.contains($0) }.sorted().map { .exchange($0) }
        // An exclusive queue is a client's own, and goes with its connection.
        undeclared += actual.queues.filter { !isLeftOut($0.name) && !queues.contains($0.name) && !$0.exclusive }
            .sorted { $0.name < $1.name }.map { .queue($0.name, messages: $0.messages) }
        let exclusive = Set(actual.queues.filter(\.exclusive).map(\.name))
        let stale = declared.stale(in: actual)
        undeclared += actual.bindings.filter { binding in
            let isToDeclared = !binding.isToExchange && queues.contains(binding.destination)
            let isTheirs =
                isLeftOut(binding.destination) && !isToDeclared || !binding.isToExchange && exclusive.contains(binding.destination)
            let isDeclared = binding.declared.map { declared.bindings.contains($0) } ?? false
            return (isToDeclared || exchanges.contains(binding.source)) && !isTheirs && !own.contains(binding.source) && !isDeclared
                && !stale.contains(binding)
        }.sorted().map { .binding($0) }
        let possible = Set((declared.queues.map(\.name) + own).map { BrokerDeclaration.DeclaredPolicy.name(ofQueue: $0) })
        undeclared += actual.policies.filter { !possible.contains($0.name) }.sorted { $0.name < $1.name }.map { .policy($0) }
        let users = Set(declared.permissions.map(\.user) + [actual.administrator])
        undeclared += actual.permissions.map(\.user).filter { !users.contains($0) }.sorted().map { .permission(user: $0) }
    }
}

extension BrokerDeclaration {
    /// Bindings between what is declared, which are not: the file says all of these, and so takes them away.
    func stale(in actual: BrokerState) -> Set<BrokerBinding> {
        let exchanges = Set(exchanges.map(\.name))
        let queues = Set(queues.map(\.name))
        let wanted = Set(bindings)
        return actual.bindings.filter { binding in
            guard let same = binding.declared else { return false }
            return exchanges.contains(same.exchange) && queues.contains(same.queue) && !wanted.contains(same)
        }
    }

    /// What a migration of something declared makes.
    var ownNames: Set<String> {
        Set(queues.flatMap { [MigrationNames.queue(for: $0.name), MigrationNames.handOver(for: $0.name)] })
            .union(exchanges.map { MigrationNames.exchange(for: $0.name) })
    }
}
