/// What lies in the broker and not in the file: it is left alone, unless a person asks for it to be deleted.
package enum UndeclaredThing: Sendable, Hashable {
    case exchange(String)
    case queue(String, messages: Int)
    /// From or to something that is declared.
    case binding(BrokerBinding)
    case policy(BrokerState.ActualPolicy)
    /// A user's rights in the virtual host.
    case permission(user: String)

    /// How it is deleted.
    var pruning: BrokerStep {
        switch self {
        case .exchange(let name): .deleteExchange(name)
        case .queue(let name, let messages): .deleteQueue(name, messages: messages)
        case .binding(let binding): .unbind(binding)
        case .policy(let policy): .deletePolicy(policy.name)
        case .permission(let user): .clearPermission(user: user)
        }
    }
}

extension UndeclaredThing: CustomStringConvertible {
    package var description: String {
        switch self {
        case .exchange(let name): "exchange \(name)"
        case .queue(let name, 0): "queue \(name)"
        case .queue(let name, let messages): "queue \(name), in which \(BrokerStep.count(messages)) \(messages == 1 ? "lies" : "lie")"
        case .binding(let binding): "\(binding)"
        case .policy(let policy):
            "policy \(policy.name) for \(policy.pattern)"
                + (policy.priority >= BrokerDeclaration.DeclaredPolicy.priority
                    ? ", which may displace those of the file by its priority \(policy.priority)" : "")
        case .permission(let user): "rights of the user \(user)"
        }
    }
}
