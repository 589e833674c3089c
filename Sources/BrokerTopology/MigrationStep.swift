/// One step of a migration. Each can be done again without harm, and what comes next is seen from the broker alone.
package enum MigrationStep: Sendable, Hashable {
    case change(BrokerStep)
    /// Keeps the queue's declaration and waits until it is safe from a crash of the broker.
    case declareQueue(BrokerDeclaration.DeclaredQueue)
    /// An empty one, or one whose messages are all elsewhere.
    case deleteEmptied(String)
    /// A queue of the kind that deletes itself only while it is empty.
    case deleteIfEmpty(String)
    case setPolicy(name: String, queue: String, definition: [String: JSONScalar])
    case declareStandIn(String)
    case declareHandOver(String)
    /// Brings messages from one queue to another, in their order, through an exchange that is bound to the other.
    case move(from: String, through: String)
    /// Has the owners of the queues connect anew, and so declare and bind them anew.
    case reconnectOwners(of: [String])
    /// Time, or somebody else, has to do something.
    case wait(String)
}

extension MigrationStep {
    /// Whether it makes a queue refuse what is published to it.
    var isSeal: Bool {
        if case .setPolicy(_, _, let definition) = self { definition["max-length"] == .integer(0) } else { false }
    }
}

extension BrokerState {
    /// What a step has changed, without reading it all again.
    /// - Returns: false for one whose effects have to be read.
    mutating func note(_ step: MigrationStep) -> Bool {
        switch step {
        case .change(.bind(let binding)): bindings.insert(binding)
        case .change(.unbind(let binding)): bindings.remove(binding)
        case .setPolicy(let name, let queue, let definition):
            policies.removeAll { $0.name == name }
            policies.append(
                .init(
                    name: name, pattern: BrokerDeclaration.DeclaredPolicy.pattern(ofQueue: queue), appliesTo: "queues",
                    priority: BrokerDeclaration.DeclaredPolicy.priority, definition: definition))
        default: return false
        }
        return true
    }
}
