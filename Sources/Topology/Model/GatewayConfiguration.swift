/// What the supervisor tells the gateway: the routes, and where each service's instances are. Written as JSON to one file in the state
/// directory, replaced atomically whenever it changes, so that the gateway goes on with what it knew while the supervisor is away.
package struct GatewayConfiguration: Sendable, Equatable, Codable {
    package var routes: [Route]
    /// By service. Instances that are neither ready nor draining are not listed.
    package var instances: [String: [Upstream]]

    package init(routes: [Route] = [], instances: [String: [Upstream]] = [:]) {
        self.routes = routes
        self.instances = instances
    }

    package struct Upstream: Sendable, Hashable, Codable {
        package enum State: String, Sendable, Codable {
            /// Takes requests.
            case ready
            /// Finishes those it has; gets no new ones.
            case draining
        }

        package var instance: Int
        package var host: String
        package var port: Int
        package var state: State

        package init(instance: Int, host: String, port: Int, state: State) {
            self.instance = instance
            self.host = host
            self.port = port
            self.state = state
        }
    }
}
