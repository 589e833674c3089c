package import Topology

/// All that a topology needs of the broker. Pure: computed from the file alone, and nothing has been declared by it.
package struct BrokerDeclaration: Sendable, Equatable {
    package struct DeclaredExchange: Sendable, Hashable {
        package var name: String
        package var kind: Exchange.Kind
        package var durable: Bool
    }

    package struct DeclaredQueue: Sendable, Hashable {
        package var name: String
        package var kind: Queue.Kind
        package var durable: Bool
        package var singleActiveConsumer: Bool
    }

    package struct DeclaredBinding: Sendable, Hashable {
        package var exchange: String
        package var queue: String
        package var key: String
    }

    /// What can change later of a queue stands in its policy, because RabbitMQ refuses a queue whose arguments changed.
    package struct DeclaredPolicy: Sendable, Hashable {
        /// The one queue that it is for.
        package var queue: String
        package var definition: [String: JSONScalar]

        package var name: String { Self.name(ofQueue: queue) }
        package var pattern: String { Self.pattern(ofQueue: queue) }
        /// Above 0, so that an operator's own policy for all queues does not displace it: only one policy applies to a queue.
        package static let priority = 10

        package static func name(ofQueue queue: String) -> String { "signalbox.\(queue)" }
        static func pattern(ofQueue queue: String) -> String { "^\(BrokerPattern.escaped(queue))$" }
    }

    package struct DeclaredUser: Sendable, Hashable {
        package var name: String
        package var password: String
    }

    package struct DeclaredPermission: Sendable, Hashable {
        package var user: String
        /// Regular expressions over the names of queues and exchanges.
        package var configure: String
        package var write: String
        package var read: String
    }

    package var virtualHost: String
    package var exchanges: [DeclaredExchange] = []
    package var queues: [DeclaredQueue] = []
    package var bindings: [DeclaredBinding] = []
    package var policies: [DeclaredPolicy] = []
    package var users: [DeclaredUser] = []
    package var permissions: [DeclaredPermission] = []
}
