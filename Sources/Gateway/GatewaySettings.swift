import Glibc
import Systemd

/// What the environment handed to the process says.
struct GatewaySettings: Sendable, Equatable {
    /// Inherited listening sockets; empty: the routes are served on `port`.
    var descriptors: [Int32]
    var port: Int?
    var configurationFile: String
    var brokerURL: String?
    var cacheURL: String?
    var service: String
    var instance: String
    /// Exchanges from which the events come that invalidate the cache, and those events' types.
    var eventExchanges: [String]
    var eventTypes: [String]

    /// - Throws: `GatewayError` with code `.invalidEnvironment`.
    init(_ environment: [String: String], process: Int32 = getpid()) throws(GatewayError) {
        let value = { (name: String) in environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        guard let file = value("SIGNALBOX_GATEWAY_CONFIGURATION") else {
            throw GatewayError(
                .invalidEnvironment, "SIGNALBOX_GATEWAY_CONFIGURATION is not set: start the gateway as a service of a topology")
        }
        configurationFile = file
        port = try value("PORT").map { text throws(GatewayError) in
            guard let port = Int(text), (1...65535).contains(port) else {
                throw GatewayError(.invalidEnvironment, "PORT is \(text), which is not a port from 1 to 65535")
            }
            return port
        }
        descriptors = InheritedSockets(environment: environment, ownProcess: process).sockets.map(\.descriptor)
        guard port != nil || !descriptors.isEmpty else {
            throw GatewayError(.invalidEnvironment, "neither LISTEN_FDS (for this process) nor PORT is set: there is nothing to listen on")
        }
        brokerURL = value("AMQP_URL")
        cacheURL = value("REDIS_URL")
        service = value("SIGNALBOX_SERVICE") ?? "gateway"
        instance = value("SIGNALBOX_INSTANCE") ?? "1"
        let exchanges = value("SIGNALBOX_CACHE_EXCHANGES") ?? value("SIGNALBOX_EVENTS_EXCHANGE") ?? ""
        eventExchanges = exchanges.commaSeparated
        eventTypes = (value("SIGNALBOX_CACHE_EVENTS") ?? "").commaSeparated
    }
}
