import HTTPClient
import NIOCore
import TestSupport
import Testing
import Topology

@testable import Gateway

struct OwnHealthTests {
    @Test func healthListenerServesNothingElse() async throws {
        let upstream = try await UpstreamServer.start { _ in .answer() }
        try await withGateway(try await .start(.service(ports: [upstream.port]), as: .health)) { (gateway) async throws in
            #expect(try await gateway.send("GET", "/health/live").status == 200)
            #expect(try await gateway.send("GET", "/health/ready").status == 200)
            #expect(try await gateway.send("GET", "/order").status == 404)
            #expect(upstream.requests.isEmpty)
        }
        await upstream.stop()
    }

    @Test func notReadyWithoutAConfiguration() async throws {
        let gateway = try await Gateway(threads: 1)
        let address = try await gateway.listen(on: .tcp(host: "127.0.0.1", port: 0), as: .health)
        let running = RunningGateway(gateway: gateway, port: address?.port ?? 0)
        try await withGateway(running) { (_) async throws in
            #expect(try await running.send("GET", "/health/live").status == 200)
            #expect(try await running.send("GET", "/health/ready").status == 503)
            await gateway.apply(GatewayConfiguration())
            #expect(try await running.send("GET", "/health/ready").status == 200)
        }
    }

    @Test func routesComeBeforeOwnPaths() async throws {
        let upstream = try await UpstreamServer.start { _ in .answer(body: "the service's") }
        try await withGateway(try await .start(.service("/order", ports: [upstream.port]), as: .routesAndHealth)) {
            (gateway) async throws in
            #expect(try await gateway.send("GET", "/health/ready").text.contains("ready"))
            _ = try await gateway.send("GET", "/order")
            let metrics = try await gateway.send("GET", "/metrics").text
            #expect(metrics.contains("signalbox_gateway_requests_total{route=\"/order\",status=\"200\"} 1\n"))
            #expect(PrometheusLint.complaints(metrics) == [])
            #expect(metrics.contains("signalbox_gateway_request_duration_seconds_bucket{route=\"/order\",le=\"+Inf\"} 1\n"))
            await gateway.gateway.apply(.service("/", ports: [upstream.port]))
            #expect(try await gateway.send("GET", "/health/ready").text == "the service's")
        }
        await upstream.stop()
    }
}
