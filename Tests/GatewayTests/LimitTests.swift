import HTTPClient
import NIOCore
import TestSupport
import Testing
import Topology

@testable import Gateway

struct LimitTests {
    private func limits(_ change: (inout GatewayLimits) -> Void) -> GatewayLimits {
        var limits = GatewayLimits()
        change(&limits)
        return limits
    }

    @Test func bodiesAreBounded() async throws {
        let upstream = try await UpstreamServer.start { _ in .answer() }
        let configuration = GatewayConfiguration.service(ports: [upstream.port])
        try await withGateway(try await .start(configuration, limits: limits { $0.requestBody = 1000 })) { gateway in
            #expect(try await gateway.send("POST", "/", body: String(repeating: "x", count: 1000)).status == 200)
            #expect(try await gateway.send("POST", "/", body: String(repeating: "x", count: 1001)).status == 413)
            let chunked = try await gateway.connect()
            try await chunked.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "1f4\r\n" + String(repeating: "y", count: 500) + "\r\n"
            try await chunked.send(chunk + chunk + chunk)
            try await chunked.text { $0.hasPrefix("HTTP/1.1 413") }
            try await eventually { upstream.openConnections <= 1 }
            #expect(upstream.requests.count == 1)
            await chunked.close()
        }
        await upstream.stop()
    }

    @Test func refusedUploadsAreReadSoThatTheAnswerArrives() async throws {
        try await withGateway(try await .start(.service("/a", ports: []), limits: limits { $0.requestBody = 1000 })) { gateway in
            let client = try await gateway.connect()
            try await client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n")
            // Fails when the answer and its end overtake it.
            try? await client.send(String(repeating: "z", count: 2_000_000))
            try await client.text { $0.hasPrefix("HTTP/1.1 413") }
        }
    }

    @Test func headsAreBounded() async throws {
        try await withGateway(try await .start(.service(ports: []))) { gateway in
            let target = try await gateway.connect()
            try await target.send("GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\nHost: a\r\n\r\n")
            try await target.text { $0.hasPrefix("HTTP/1.1 414") }
            let field = try await gateway.connect()
            try await field.send("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 20_000))\r\n\r\n")
            try await field.text { $0.hasPrefix("HTTP/1.1 431") }
            let count = try await gateway.connect()
            try await count.send("GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 150) + "\r\n")
            try await count.text { $0.hasPrefix("HTTP/1.1 431") }
        }
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n X: folded\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/2.7\r\nHost: a\r\n\r\n", "GET /..%2f..%2fetc HTTP/1.1\r\nHost: a\r\n\r\n",
    ])
    func malformedRequestsReachNoService(text: String) async throws {
        let upstream = try await UpstreamServer.start { _ in .answer() }
        try await withGateway(try await .start(.service(ports: [upstream.port]))) { gateway in
            let client = try await gateway.connect()
            try await client.send(text)
            let answer = try await client.text { $0.hasPrefix("HTTP/1.") && $0.contains("\r\n\r\n") }
            #expect(["4", "5"].contains(answer.dropFirst(9).prefix(1)), "\(answer)")
            #expect(upstream.requests.isEmpty)
            await client.close()
        }
        await upstream.stop()
    }

    @Test func slowHeadsAndIdleConnectionsEnd() async throws {
        let limits = limits {
            $0.headTimeout = .seconds(1)
            $0.clientIdleTimeout = .seconds(1)
        }
        let upstream = try await UpstreamServer.start { _ in .answer(body: "x") }
        try await withGateway(try await .start(.service(ports: [upstream.port]), limits: limits)) { gateway in
            let slow = try await gateway.connect()
            try await slow.send("GET / HT")
            let silent = try await gateway.connect()
            let idle = try await gateway.connect()
            try await idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            try await idle.text { $0.hasSuffix("x") }
            try await eventually { slow.isClosed && silent.isClosed && idle.isClosed }
            #expect(slow.text.hasPrefix("HTTP/1.1 408"))
            #expect(silent.text.isEmpty)
        }
        await upstream.stop()
    }

    @Test func slowBodiesEnd() async throws {
        let upstream = try await UpstreamServer.start { _ in .answer() }
        try await withGateway(try await .start(.service(ports: [upstream.port], timeout: .seconds(1)))) { gateway in
            let client = try await gateway.connect()
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf")
            try await client.text { $0.hasPrefix("HTTP/1.1 408") }
            try await eventually { upstream.openConnections == 0 }
            #expect(upstream.requests.isEmpty)
        }
        await upstream.stop()
    }

    @Test func connectionsAreBounded() async throws {
        try await withGateway(try await .start(.service(ports: []), limits: limits { $0.connections = 2 })) { gateway in
            let one = try await gateway.connect()
            let two = try await gateway.connect()
            try await eventually { await gateway.metrics().clientConnections == 2 }
            let three = try await gateway.connect()
            try await three.text { $0.hasPrefix("HTTP/1.1 503") }
            await one.close()
            try await eventually { await gateway.metrics().clientConnections == 1 }
            let four = try await gateway.connect()
            try await four.send("GET /.. HTTP/1.1\r\nHost: a\r\n\r\n")
            try await four.text { $0.hasPrefix("HTTP/1.1 400") }
            await two.close()
            await four.close()
        }
    }
}
