/// What is there in the broker, as its management API tells it.
package struct BrokerState: Sendable, Equatable {
    package struct ActualExchange: Sendable, Equatable {
        package var name: String
        package var kind: String
        package var durable: Bool
    }

    package struct ActualQueue: Sendable, Equatable {
        package var name: String
        package var kind: String
        package var durable: Bool
        package var autoDelete: Bool = false
        package var exclusive: Bool = false
        package var arguments: [String: JSONScalar] = [:]
    }

    package struct ActualPolicy: Sendable, Equatable {
        package var name: String
        package var pattern: String
        package var appliesTo: String
        package var priority: Int
        package var definition: [String: JSONScalar]
    }

    package struct ActualUser: Sendable, Equatable {
        package var name: String
        package var passwordHash: String
        package var hashingAlgorithm: String
        package var tags: [String]
    }

    /// The user by whom all this was read and will be changed.
    package var administrator: String
    package var hasVirtualHost: Bool = false
    package var exchanges: [ActualExchange] = []
    package var queues: [ActualQueue] = []
    package var bindings: Set<BrokerDeclaration.DeclaredBinding> = []
    package var policies: [ActualPolicy] = []
    package var users: [ActualUser] = []
    /// Those in the virtual host.
    package var permissions: [BrokerDeclaration.DeclaredPermission] = []

    package init(administrator: String) {
        self.administrator = administrator
    }
}
