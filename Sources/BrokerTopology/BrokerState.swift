/// What is there in the broker, as its management API tells it.
package struct BrokerState: Sendable, Equatable {
    package struct ActualExchange: Sendable, Equatable {
        package var name: String
        package var kind: String
        package var durable: Bool
        /// What it was declared with that no topology declares: `auto-delete`, `internal`, `alternate-exchange` …
        package var peculiarities: [String] = []
    }

    package struct ActualQueue: Sendable, Equatable {
        package var name: String
        package var kind: String
        package var durable: Bool
        package var autoDelete: Bool = false
        package var exclusive: Bool = false
        package var arguments: [String: JSONScalar] = [:]
        /// Ready and unacknowledged ones, up to 5 s old.
        package var messages: Int = 0
        package var consumers: Int = 0
        /// Whether its process has told of itself: it does so within seconds of its start, and one without a leader never does.
        package var isAlive: Bool = true
    }

    package struct ActualPolicy: Sendable, Hashable {
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
    /// Without the default exchange's own.
    package var bindings: Set<BrokerBinding> = []
    /// By what the management API calls them, where that cannot be told from the binding itself.
    package var propertiesKeys: [BrokerBinding: String] = [:]
    package var policies: [ActualPolicy] = []
    package var users: [ActualUser] = []
    /// Those in the virtual host.
    package var permissions: [BrokerDeclaration.DeclaredPermission] = []
    /// Users whose routing keys are restricted, which no topology does.
    package var topicRestricted: Set<String> = []

    package init(administrator: String) {
        self.administrator = administrator
    }

    package func queue(_ name: String) -> ActualQueue? { queues.first { $0.name == name } }
    package func exchange(_ name: String) -> ActualExchange? { exchanges.first { $0.name == name } }
    package func policy(_ name: String) -> ActualPolicy? { policies.first { $0.name == name } }
    func bindings(toQueue name: String) -> Set<BrokerBinding> { bindings.filter { !$0.isToExchange && $0.destination == name } }
    func bindings(from exchange: String) -> Set<BrokerBinding> { bindings.filter { $0.source == exchange } }
    func bindings(toExchange name: String) -> Set<BrokerBinding> { bindings.filter { $0.isToExchange && $0.destination == name } }

    package func has(_ policy: BrokerDeclaration.DeclaredPolicy) -> Bool {
        policies.contains { other in
            other.name == policy.name && other.pattern == policy.pattern && other.appliesTo == "queues"
                && other.priority == BrokerDeclaration.DeclaredPolicy.priority && other.definition == policy.definition
        }
    }
}
