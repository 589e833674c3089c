import Topology

/// One step of a plan as a call of the management API.
struct BrokerStepRunner {
    let api: ManagementAPI
    let virtualHost: String

    func run(_ step: BrokerStep) async throws(BrokerError) {
        switch step {
        case .createVirtualHost(let name):
            try await api.put(ManagementAPI.path("vhosts", name), [String: String]())
        case .putUser(let user):
            try await api.put(ManagementAPI.path("users", user.name), ["password": user.password, "tags": ""])
        case .setPermission(let permission):
            try await api.put(
                ManagementAPI.path("permissions", virtualHost, permission.user),
                ["configure": permission.configure, "write": permission.write, "read": permission.read])
        case .setPolicy(let policy):
            try await api.put(ManagementAPI.path("policies", virtualHost, policy.name), PolicyBody(policy))
        case .deletePolicy(let name):
            try await api.delete(ManagementAPI.path("policies", virtualHost, name))
        case .declareExchange(let exchange):
            try await api.put(
                ManagementAPI.path("exchanges", virtualHost, exchange.name),
                ExchangeBody(type: exchange.kind.rawValue, durable: exchange.durable))
        case .declareQueue(let queue):
            try await api.put(ManagementAPI.path("queues", virtualHost, queue.name), QueueBody(queue))
        case .bind(let binding):
            _ = try await api.call(
                "POST", ManagementAPI.path("bindings", virtualHost, "e", binding.exchange, "q", binding.queue),
                api.encode(["routing_key": binding.key]))
        }
    }

    private struct ExchangeBody: Encodable {
        var type: String
        var durable: Bool
        var auto_delete = false
    }

    private struct QueueBody: Encodable {
        var durable: Bool
        var auto_delete = false
        var arguments: [String: JSONScalar]

        /// Only what no policy can say stands in the arguments. Classic is what a queue is without any.
        init(_ queue: BrokerDeclaration.DeclaredQueue) {
            durable = queue.durable
            arguments = queue.kind == .quorum ? ["x-queue-type": .string("quorum")] : [:]
            if queue.singleActiveConsumer { arguments["x-single-active-consumer"] = .boolean(true) }
        }
    }

    private struct PolicyBody: Encodable {
        var pattern: String
        var definition: [String: JSONScalar]
        var priority = BrokerDeclaration.DeclaredPolicy.priority
        var applyTo = "queues"

        enum CodingKeys: String, CodingKey {
            case pattern, definition, priority
            case applyTo = "apply-to"
        }

        init(_ policy: BrokerDeclaration.DeclaredPolicy) {
            pattern = policy.pattern
            definition = policy.definition
        }
    }
}
