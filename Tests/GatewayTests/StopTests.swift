import NIOCore
import TestSupport
import Testing
import Topology

@testable import Gateway

struct StopTests {
    @Test func whatRunsIsFinishedAndWhatIsIdleIsClosed() async throws {
        let upstream = try await UpstreamServer.start { $0.uri == "/slow" ? .silence : .answer(body: "x") }
        var limits = GatewayLimits()
        limits.drainGrace = .seconds(5)
        let gateway = try await RunningGateway.start(.service(ports: [upstream.port], timeout: .seconds(1)), limits: limits)
        let busy = try await gateway.connect()
        let idle = try await gateway.connect()
        try await idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        try await idle.text { $0.hasSuffix("x") }
        try await busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        try await eventually { upstream.requests.count == 2 }
        let start = ContinuousClock.now
        await gateway.gateway.stop()
        #expect(ContinuousClock.now - start < .seconds(4))
        try await eventually { busy.isClosed && idle.isClosed }
        #expect(busy.text.hasPrefix("HTTP/1.1 504"))
        #expect(busy.text.contains("Connection: close"))
        await upstream.stop()
    }

    @Test func theGraceEnds() async throws {
        let upstream = try await UpstreamServer.start { _ in .silence }
        var limits = GatewayLimits()
        limits.drainGrace = .milliseconds(300)
        let gateway = try await RunningGateway.start(.service(ports: [upstream.port], timeout: .seconds(60)), limits: limits)
        let client = try await gateway.connect()
        try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        try await eventually { upstream.requests.count == 1 }
        await gateway.gateway.stop()
        try await eventually { client.isClosed }
        await upstream.stop()
    }
}
