import NIOCore

/// What one event loop counts.
final class LoopMetrics {
    private(set) var routes: [String: RouteMetrics] = [:]
    var retries = 0

    func record(_ record: RequestRecord, duration: TimeAmount) {
        // Paths that no route takes are not names of ours: one label for all of them keeps the number of labels bounded.
        routes[record.route?.label ?? "none", default: RouteMetrics()].record(record, duration: duration)
    }
}

/// The counts and gauges of one event loop, or of several together.
struct MetricsSnapshot: Sendable {
    var routes: [String: RouteMetrics] = [:]
    var retries = 0
    var clientConnections = 0
    var upstreamConnections = 0
    var idleUpstreamConnections = 0
    var upstreamConnects = 0
    var upstreamConnectFailures = 0

    init() {}

    init(of loop: GatewayLoop) {
        routes = loop.metrics.routes
        retries = loop.metrics.retries
        clientConnections = loop.openConnections
        upstreamConnections = loop.pool.openConnections
        idleUpstreamConnections = loop.pool.idleConnections
        upstreamConnects = loop.pool.connects
        upstreamConnectFailures = loop.pool.connectFailures
    }

    mutating func add(_ other: MetricsSnapshot) {
        for (label, metrics) in other.routes { routes[label, default: RouteMetrics()].add(metrics) }
        retries += other.retries
        clientConnections += other.clientConnections
        upstreamConnections += other.upstreamConnections
        idleUpstreamConnections += other.idleUpstreamConnections
        upstreamConnects += other.upstreamConnects
        upstreamConnectFailures += other.upstreamConnectFailures
    }
}
