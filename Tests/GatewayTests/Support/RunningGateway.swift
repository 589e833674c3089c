import AMQP
import HTTPClient
import NIOCore
import Topology

@testable import Gateway

/// A gateway of the test's own, on a free port.
struct RunningGateway {
    let gateway: Gateway
    let port: Int
    let client = HTTPClient()

    static func start(
        _ configuration: GatewayConfiguration = GatewayConfiguration(), limits: GatewayLimits = .patient, threads: Int = 1,
        bus: (any Bus)? = nil, cache: (any CacheStore)? = nil, accessLog: AccessLog? = nil, tracing: GatewayTracing? = nil,
        as listener: Listener = .routes
    ) async throws -> RunningGateway {
        let gateway = try await Gateway(limits: limits, threads: threads, bus: bus, cache: cache, accessLog: accessLog, tracing: tracing)
        await gateway.apply(configuration)
        let address = try await gateway.listen(on: .tcp(host: "127.0.0.1", port: 0), as: listener)
        return RunningGateway(gateway: gateway, port: address?.port ?? 0)
    }

    func send(
        _ method: String = "GET", _ path: String, headers: [(String, String)] = [], body: String = "", timeout: Duration = .seconds(10),
        maximumBody: Int = 16 << 20
    ) async throws -> HTTPClient.Response {
        let request = HTTPClient.Request(
            method: method, path: path, headers: headers, body: Array(body.utf8), timeout: timeout, maximumBody: maximumBody)
        return try await client.send(request, to: .tcp(host: "127.0.0.1", port: port))
    }

    func connect(keeps: Bool = true) async throws -> RawConnection { try await RawConnection.open(port: port, keeps: keeps) }
}

extension GatewayLimits {
    /// For machines that do other things too.
    static var patient: GatewayLimits {
        var limits = GatewayLimits()
        limits.connectTimeout = .seconds(10)
        limits.readinessWait = .seconds(9)
        limits.cacheLookup = .seconds(5)
        return limits
    }
}

extension GatewayConfiguration {
    /// One route to one service with these instances.
    static func service(
        _ path: String = "/", ports: [Int], rewrite: String? = nil, methods: [String] = [], timeout: Duration = .seconds(10),
        cache: RouteCache? = nil
    ) -> GatewayConfiguration {
        GatewayConfiguration(
            routes: [Route(path: path, methods: methods, target: .service("echo"), rewrite: rewrite, timeout: timeout, cache: cache)],
            instances: ["echo": ports.enumerated().map { .init(instance: $0 + 1, host: "127.0.0.1", port: $1, state: .ready) }])
    }
}

/// Runs the gateway for the length of `body`, and stops it however that ends.
func withGateway(_ gateway: RunningGateway, _ body: (RunningGateway) async throws -> Void) async throws {
    do {
        try await body(gateway)
    } catch {
        await gateway.gateway.stop()
        throw error
    }
    await gateway.gateway.stop()
}

extension RunningGateway {
    func metrics() async -> MetricsSnapshot { await gateway.metrics() }
}
