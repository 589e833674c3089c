import HTTPClient
import Topology

/// Reads and changes a RabbitMQ by its management API.
package struct BrokerAdministrator: Sendable {
    private static let readyPollInterval: Duration = .milliseconds(200)
    private static let probeTimeout: Duration = .seconds(2)
    /// The API answers some time before the broker itself is up.
    private static let listenerCheck = "/api/health/checks/protocol-listener/amqp091"

    package let virtualHost: String
    private let url: Result<ManagementURL, BrokerError>
    let user: String
    private let password: String
    package var settling: QueueSettling

    /// - Parameters:
    ///   - managementURL: `http://host:15672`; a wrong one is told by the first call.
    ///   - user: one with the tag administrator.
    ///   - settling: how new quorum queues are waited for.
    package init(
        managementURL: String, user: String, password: String, virtualHost: String, settling: QueueSettling = .immediate
    ) {
        self.settling = settling
        url = Result { () throws(BrokerError) in try ManagementURL(managementURL) }
        self.user = user
        self.password = password
        self.virtualHost = virtualHost
    }

    /// Where the management API most likely is: on the broker's host, at port 15672.
    package static func managementURL(besideBrokerURL url: String) -> String? { ManagementURL.beside(brokerURL: url) }

    var api: ManagementAPI {
        get throws(BrokerError) { ManagementAPI(url: try url.get(), user: user, password: password) }
    }

    /// Returns as soon as the API answers and the broker takes AMQP connections.
    package func waitUntilReady(deadline: ContinuousClock.Instant) async throws(BrokerError) {
        let api = try api
        while true {
            do {
                _ = try await api.call("GET", Self.listenerCheck, timeout: Self.probeTimeout)
                return
            } catch {
                // While it boots, the API may refuse users that it has not read yet.
                guard ContinuousClock.now < deadline, !Task.isCancelled else {
                    throw BrokerError(
                        error.code == .unauthorized ? .unauthorized : .deadlineExceeded,
                        "RabbitMQ did not become ready in time: \(error.message)",
                        underlying: error)
                }
            }
            try? await Task.sleep(for: Self.readyPollInterval)
        }
    }

    /// Whether the API answers and says that the broker takes AMQP connections.
    package func isHealthy() async -> Bool {
        do {
            _ = try await api.call("GET", Self.listenerCheck, timeout: Self.probeTimeout)
            return true
        } catch {
            return false
        }
    }

    package func read() async throws(BrokerError) -> BrokerState {
        let api = try api
        var state = BrokerState(administrator: user)
        state.users = try await api.get("/api/users", as: [ManagementAnswers.User].self).map {
            .init(name: $0.name, passwordHash: $0.password_hash, hashingAlgorithm: $0.hashing_algorithm ?? "", tags: $0.tags.values)
        }
        let host = try await api.find(ManagementAPI.path("vhosts", virtualHost) + "?columns=name", as: ManagementAnswers.VirtualHost.self)
        guard host != nil else { return state }
        state.hasVirtualHost = true
        try await readContent(into: &state)
        state.policies = try await api.get(ManagementAPI.path("policies", virtualHost), as: [ManagementAnswers.Policy].self).map {
            .init(name: $0.name, pattern: $0.pattern, appliesTo: $0.applyTo, priority: $0.priority, definition: $0.definition.values)
        }
        state.permissions = try await api.get(
            ManagementAPI.path("vhosts", virtualHost, "permissions"), as: [ManagementAnswers.Permission].self
        ).map { .init(user: $0.user, configure: $0.configure, write: $0.write, read: $0.read) }
        state.topicRestricted = Set(
            try await api.get(
                ManagementAPI.path("vhosts", virtualHost, "topic-permissions"), as: [ManagementAnswers.TopicPermission].self
            ).map(\.user))
        return state
    }

    /// Exchanges, queues and bindings.
    private func readContent(into state: inout BrokerState) async throws(BrokerError) {
        let api = try api
        state.exchanges = try await api.get(
            ManagementAPI.path("exchanges", virtualHost) + "?columns=name,type,durable,auto_delete,internal,arguments",
            as: [ManagementAnswers.Exchange].self
        ).map { exchange in
            var peculiarities = exchange.arguments?.values.keys.sorted() ?? []
            if exchange.internal == true { peculiarities.insert("internal", at: 0) }
            if exchange.auto_delete == true { peculiarities.insert("auto-delete", at: 0) }
            return .init(name: exchange.name, kind: exchange.type, durable: exchange.durable, peculiarities: peculiarities)
        }
        let totals = Dictionary(
            try await api.get(
                ManagementAPI.path("queues", virtualHost) + "?disable_stats=true&enable_queue_totals=true",
                as: [ManagementAnswers.Totals].self
            ).map { ($0.name, $0.messages) }, uniquingKeysWith: { first, _ in first })
        state.queues = try await api.get(
            ManagementAPI.path("queues", virtualHost)
                + "?columns=name,type,durable,auto_delete,exclusive,arguments,state,messages,consumers",
            as: [ManagementAnswers.Queue].self
        ).map { queue in
            .init(
                name: queue.name, kind: queue.type ?? "classic", durable: queue.durable, autoDelete: queue.auto_delete,
                exclusive: queue.exclusive ?? false, arguments: queue.arguments.values,
                // The larger of two counts of which either may be older.
                messages: max(totals[queue.name].flatMap { $0 } ?? 0, queue.messages ?? 0), consumers: queue.consumers ?? 0,
                isAlive: queue.state != nil)
        }
        for binding in try await api.get(ManagementAPI.path("bindings", virtualHost), as: [ManagementAnswers.Binding].self)
        where !binding.source.isEmpty {
            let found = BrokerBinding(
                source: binding.source, destination: binding.destination, isToExchange: binding.destination_type == "exchange",
                key: binding.routing_key, arguments: binding.arguments.values)
            state.bindings.insert(found)
            state.propertiesKeys[found] = binding.properties_key
        }
    }

    /// Does the plan's steps and the migrations of exchanges in order; those of queues are for `QueueMigrator`. With a refusal in the plan
    /// nothing is done at all; a step that fails ends it, and since every step can be done again, the next plan goes on from there.
    package func apply(_ plan: BrokerPlan) async throws(BrokerError) {
        guard plan.refused.isEmpty else {
            throw BrokerError(
                .refused, "the broker cannot be changed to what the file says: \(plan.refused.map(\.description).joined(separator: "; "))")
        }
        var unsettled: Set<String> = []
        var propertiesKeys: [BrokerBinding: String] = [:]
        if plan.steps.contains(where: { if case .unbind = $0 { true } else { false } }) { propertiesKeys = try await read().propertiesKeys }
        for step in plan.steps {
            switch step {
            case .declareQueue(let queue) where queue.kind == .quorum: unsettled.insert(queue.name)
            case .bind where !unsettled.isEmpty:
                // Until then a broker that is killed forgets who leads them: nothing may come into them before.
                await settling.wait(unsettled)
                unsettled = []
            default: break
            }
            try await perform(step, propertiesKeys)
        }
        if !unsettled.isEmpty { await settling.wait(unsettled) }
        for migration in plan.exchangeMigrations { try await carryOut(migration) }
    }

    func perform(_ step: BrokerStep, _ propertiesKeys: [BrokerBinding: String] = [:]) async throws(BrokerError) {
        do {
            try await BrokerStepRunner(api: try api, virtualHost: virtualHost, propertiesKeys: propertiesKeys).run(step)
        } catch {
            throw BrokerError(error.code, "could not \(step): \(error.message)", underlying: error)
        }
    }

    /// Whether the broker has quorum queues, in whatever virtual host, and not one of them is up.
    package func quorumQueuesAreDown() async throws(BrokerError) -> Bool {
        let queues = try await api.get("/api/queues?columns=name,type,state", as: [ManagementAnswers.QueueHealth].self).filter(\.isQuorum)
        return !queues.isEmpty && queues.allSatisfy(\.isDown)
    }

    /// By queue. A queue that was declared a moment ago may not have been counted yet, and is 0 until then.
    package func queueDepths() async throws(BrokerError) -> [String: QueueDepth] {
        let path =
            ManagementAPI.path("queues", virtualHost)
            + "?columns=name,messages_ready,messages_unacknowledged,consumers,consumer_utilisation,consumer_capacity"
        let depths = try await api.get(path, as: [ManagementAnswers.Depth].self).map { queue in
            (
                queue.name,
                QueueDepth(
                    ready: queue.messages_ready ?? 0, unacknowledged: queue.messages_unacknowledged ?? 0, consumers: queue.consumers ?? 0,
                    consumerUtilisation: queue.consumers ?? 0 > 0 ? queue.consumer_capacity ?? queue.consumer_utilisation : nil)
            )
        }
        return Dictionary(depths, uniquingKeysWith: { first, _ in first })
    }
}
