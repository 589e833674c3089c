import Topology

/// One change of the broker. Each can be done again without harm.
package enum BrokerStep: Sendable, Hashable {
    case createVirtualHost(String)
    case putUser(BrokerDeclaration.DeclaredUser)
    case setPermission(BrokerDeclaration.DeclaredPermission)
    case setPolicy(BrokerDeclaration.DeclaredPolicy)
    /// A queue's policy that says nothing any more.
    case deletePolicy(String)
    case declareExchange(BrokerDeclaration.DeclaredExchange)
    case declareQueue(BrokerDeclaration.DeclaredQueue)
    case bind(BrokerDeclaration.DeclaredBinding)
}

extension BrokerStep: CustomStringConvertible {
    /// For a person; never with a password.
    package var description: String {
        switch self {
        case .createVirtualHost(let name): "create the virtual host \(name)"
        case .putUser(let user): "set the user \(user.name)"
        case .setPermission(let permission): "set the permissions of the user \(permission.user)"
        case .setPolicy(let policy):
            "set the policy of \(policy.queue): "
                + policy.definition.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        case .deletePolicy(let name): "delete the policy \(name)"
        case .declareExchange(let exchange): "declare the \(exchange.kind.rawValue) exchange \(exchange.name)"
        case .declareQueue(let queue): "declare the \(queue.kind.rawValue) queue \(queue.name)"
        case .bind(let binding): "bind \(binding.queue) to \(binding.exchange) by \"\(binding.key)\""
        }
    }
}
