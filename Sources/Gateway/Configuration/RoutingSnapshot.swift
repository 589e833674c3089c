import Topology

/// One state of the configuration, computed once and read by all event loops.
struct RoutingSnapshot: Sendable {
    var routes: RouteTable
    /// By service.
    var ready: [String: [Endpoint]]
    var readyEndpoints: Set<Endpoint>

    init(_ configuration: GatewayConfiguration = GatewayConfiguration()) {
        routes = RouteTable(configuration.routes)
        ready = [:]
        for (service, upstreams) in configuration.instances {
            ready[service] = upstreams.filter { $0.state == .ready }.map {
                Endpoint(service: service, instance: $0.instance, host: $0.host, port: $0.port)
            }
        }
        readyEndpoints = Set(ready.values.joined())
    }
}
