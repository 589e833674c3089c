import Topology

/// One change of the broker. Each can be done again without harm.
package enum BrokerStep: Sendable, Hashable {
    case createVirtualHost(String)
    case putUser(BrokerDeclaration.DeclaredUser)
    case setPermission(BrokerDeclaration.DeclaredPermission)
    /// In the virtual host; the user itself stays.
    case clearPermission(user: String)
    /// What restricts a user's routing keys.
    case clearTopicPermissions(user: String)
    case setPolicy(BrokerDeclaration.DeclaredPolicy)
    /// A queue's policy that says nothing any more.
    case deletePolicy(String)
    case declareExchange(BrokerDeclaration.DeclaredExchange)
    case deleteExchange(String)
    case declareQueue(BrokerDeclaration.DeclaredQueue)
    /// - Parameter messages: how many lay in it when that was decided.
    case deleteQueue(String, messages: Int)
    case bind(BrokerBinding)
    case unbind(BrokerBinding)

    static func count(_ messages: Int) -> String { messages == 1 ? "1 message" : "\(messages) messages" }
}

extension BrokerStep: CustomStringConvertible {
    /// For a person; never with a password.
    package var description: String {
        switch self {
        case .createVirtualHost(let name): "create the virtual host \(name)"
        case .putUser(let user): "set the user \(user.name)"
        case .setPermission(let permission): "set the permissions of the user \(permission.user)"
        case .clearPermission(let user): "take the user \(user)'s rights in this virtual host"
        case .clearTopicPermissions(let user): "lift what restricts the user \(user)'s routing keys"
        case .setPolicy(let policy): "set the policy of \(policy.queue): \(Self.words(policy.definition))"
        case .deletePolicy(let name): "delete the policy \(name)"
        case .declareExchange(let exchange): "declare the \(exchange.kind.rawValue) exchange \(exchange.name)"
        case .deleteExchange(let name): "delete the exchange \(name)"
        case .declareQueue(let queue): "declare the \(queue.kind.rawValue) queue \(queue.name)"
        case .deleteQueue(let name, 0): "delete the queue \(name)"
        case .deleteQueue(let name, let messages): "delete the queue \(name) with \(Self.count(messages)) in it"
        case .bind(let binding): "bind \(binding.destination) to \(binding.source) by \"\(binding.key)\""
        case .unbind(let binding): "unbind \(binding.destination) from \(binding.source) by \"\(binding.key)\""
        }
    }

    /// What differs, of which the step is the remedy.
    package var difference: String {
        switch self {
        case .createVirtualHost(let name): "the virtual host \(name) is not there"
        case .putUser(let user): "the user \(user.name) is not there, or not with the password and the tags that it should have"
        case .setPermission(let permission): "the permissions of the user \(permission.user) are not those of the file"
        case .clearPermission(let user): "the user \(user) has rights here and is not in the file"
        case .clearTopicPermissions(let user): "the routing keys of the user \(user) are restricted, which the file does not say"
        case .setPolicy(let policy): "the policy of \(policy.queue) is not \(Self.words(policy.definition))"
        case .deletePolicy(let name): "the policy \(name) is not in the file any more"
        case .declareExchange(let exchange): "the exchange \(exchange.name) is not there"
        case .deleteExchange(let name): "the exchange \(name) is not in the file"
        case .declareQueue(let queue): "the queue \(queue.name) is not there"
        case .deleteQueue(let name, _): "the queue \(name) is not in the file, or has no leader"
        case .bind(let binding): "\(binding.destination) is not bound to \(binding.source) by \"\(binding.key)\""
        case .unbind(let binding): "\(binding.destination) is bound to \(binding.source) by \"\(binding.key)\", which the file does not say"
        }
    }

    private static func words(_ definition: [String: JSONScalar]) -> String {
        definition.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}
