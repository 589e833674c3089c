import Topology

/// One step of a plan as a call of the management API.
struct BrokerStepRunner {
    let api: ManagementAPI
    let virtualHost: String
    /// As read before.
    var propertiesKeys: [BrokerBinding: String] = [:]

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
        case .clearPermission(let user):
            try await api.delete(ManagementAPI.path("permissions", virtualHost, user))
        case .clearTopicPermissions(let user):
            try await api.delete(ManagementAPI.path("topic-permissions", virtualHost, user))
        case .setPolicy(let policy):
            try await setPolicy(policy.name, pattern: policy.pattern, policy.definition)
        case .deletePolicy(let name):
            try await api.delete(ManagementAPI.path("policies", virtualHost, name))
        case .declareExchange(let exchange):
            try await api.put(
                ManagementAPI.path("exchanges", virtualHost, exchange.name),
                ExchangeBody(type: exchange.kind.rawValue, durable: exchange.durable))
        case .deleteExchange(let name):
            try await api.delete(ManagementAPI.path("exchanges", virtualHost, name))
        case .declareQueue(let queue):
            try await api.put(ManagementAPI.path("queues", virtualHost, queue.name), QueueBody(queue))
        case .deleteQueue(let name, _):
            try await api.delete(ManagementAPI.path("queues", virtualHost, name))
        case .bind(let binding):
            _ = try await api.call("POST", path(binding), api.encode(BindingBody(binding)))
        case .unbind(let binding):
            let key = propertiesKeys[binding] ?? Self.propertiesKey(binding.key)
            try await api.delete(path(binding) + "/" + ManagementAPI.percentEncoded(key))
        }
    }

    func setPolicy(_ name: String, pattern: String, _ definition: [String: JSONScalar]) async throws(BrokerError) {
        try await api.put(
            ManagementAPI.path("policies", virtualHost, name), PolicyBody(pattern: pattern, definition: definition))
    }

    private func path(_ binding: BrokerBinding) -> String {
        ManagementAPI.path("bindings", virtualHost, "e", binding.source, binding.isToExchange ? "e" : "q", binding.destination)
    }

    /// What the API calls a binding without arguments.
    static func propertiesKey(_ key: String) -> String {
        key.isEmpty ? "~" : ManagementAPI.percentEncoded(key).replacing("~", with: "%7E").replacing("%20", with: "+")
    }

    private struct BindingBody: Encodable {
        var routing_key: String
        var arguments: [String: JSONScalar]

        init(_ binding: BrokerBinding) {
            routing_key = binding.key
            arguments = binding.arguments
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

        init(pattern: String, definition: [String: JSONScalar]) {
            self.pattern = pattern
            self.definition = definition
        }
    }
}
