/// The whole at a glance: what `signalbox status` prints and the admin endpoint answers.
package struct TopologyStatus: Codable, Sendable, Equatable {
    package enum State: String, Codable, Sendable {
        /// Not everything has been ready yet.
        case starting
        case ready
        /// Was ready once; something is not now.
        case degraded
        case stopping
        /// Something has given up before everything was ready, and waits for a person.
        case failed
    }

    package var name: String
    package var state: State
    /// What keeps it from being ready, for a person.
    package var reason: String?
    /// How processes are kept together, in the keeper's words.
    package var containment: String
    /// By name: `admin`, `dashboard`, and each service that listens.
    package var addresses: [String: String]
    /// The servers first, then the services in the file's order.
    package var services: [ServiceStatus]
    /// Nil while there is no broker, and until it has been compared.
    package var broker: BrokerStatus?

    package init(
        name: String, state: State, reason: String? = nil, containment: String, addresses: [String: String] = [:],
        services: [ServiceStatus] = [], broker: BrokerStatus? = nil
    ) {
        self.broker = broker
        self.name = name
        self.state = state
        self.reason = reason
        self.containment = containment
        self.addresses = addresses
        self.services = services
    }
}
