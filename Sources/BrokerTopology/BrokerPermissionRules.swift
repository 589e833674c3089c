import Topology

/// What each service's broker user may touch: its own queues, what it publishes to, and nothing else.
struct BrokerPermissionRules {
    /// The gateway's own queues: replies to its requests, and events that its cache depends on.
    private static let gatewayQueues = #"signalbox\.(reply|cache)\..*"#

    private let topology: Topology
    private let requested: Set<String>

    init(topology: Topology) {
        self.topology = topology
        requested = Set(topology.requestedQueues)
    }

    func permission(of service: Service) -> BrokerDeclaration.DeclaredPermission {
        let mine = topology.queues.filter { $0.consumer == service.name }
        var write = (service.publishes + [Queue.retryExchangeName(consumer: service.name)]).map(BrokerPattern.escaped)
        var read = mine.map { BrokerPattern.escaped($0.name) }
        var configure: [String] = []
        if mine.contains(where: { requested.contains($0.name) }) {
            // Answers go through the default exchange, which permissions call so.
            write.append(#"amq\.default"#)
        }
        if service.isGateway {
            configure.append(Self.gatewayQueues)
            write += [BrokerPattern.escaped(Queue.requestExchangeName), Self.gatewayQueues]
            read.append(Self.gatewayQueues)
            if !topology.cacheEvents.isEmpty {
                // The file does not say which exchange an event type comes by; only topic exchanges carry events.
                read += topology.exchanges.filter { $0.kind == .topic }.map { BrokerPattern.escaped($0.name) }
            }
        }
        return BrokerDeclaration.DeclaredPermission(
            user: service.name, configure: BrokerPattern.any(of: configure), write: BrokerPattern.any(of: write),
            read: BrokerPattern.any(of: read))
    }
}
