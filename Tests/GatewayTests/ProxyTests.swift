import Foundation
import HTTPClient
import TestSupport
import Testing
import Topology

@testable import Gateway

struct ProxyTests {
    @Test func requestAndResponsePass() async throws {
        let upstream = try await UpstreamServer.start { _ in
            .answer(
                status: 201, headers: [("Location", "/order/7"), ("Connection", "keep-alive"), ("Keep-Alive", "timeout=9")], body: "made")
        }
        try await withGateway(try await .start(.service("/order", ports: [upstream.port], rewrite: "/api/order"))) { gateway in
            let answer = try await gateway.send(
                "POST", "/order/%6eew?a=1", headers: [("X-Forwarded-For", "6.6.6.6"), ("Content-Type", "text/plain")], body: "two pieces")
            #expect(answer.status == 201)
            #expect(answer.text == "made")
            #expect(answer.header("Location") == "/order/7")
            #expect(answer.header("Keep-Alive") == nil)
            #expect(answer.header("X-Request-Id")?.utf8.count == 32)
            let request = try #require(upstream.requests.first)
            #expect(request.method == "POST")
            #expect(request.uri == "/api/order/new?a=1")
            #expect(String(decoding: request.body, as: UTF8.self) == "two pieces")
            #expect(request.values("X-Forwarded-For") == ["127.0.0.1"])
            #expect(request.values("X-Forwarded-Host") == ["127.0.0.1:\(gateway.port)"])
            #expect(request.values("Host") == ["127.0.0.1:\(upstream.port)"])
            #expect(request.values("Content-Length") == ["10"])
            #expect(request.values("Connection").isEmpty)
            #expect(request.values("X-Request-Id") == [answer.header("X-Request-Id")])
            #expect(TraceContext.isValid(request.values("traceparent").first ?? ""))
        }
        await upstream.stop()
    }

    @Test func clientsIdentifiersAreKept() async throws {
        let upstream = try await UpstreamServer.start { _ in .answer() }
        let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        try await withGateway(try await .start(.service(ports: [upstream.port]))) { gateway in
            let answer = try await gateway.send(
                "GET", "/", headers: [("X-Request-Id", "mine-1"), ("traceparent", traceparent), ("tracestate", "a=b")])
            #expect(answer.header("X-Request-Id") == "mine-1")
            #expect(upstream.requests.first?.values("traceparent") == [traceparent])
            #expect(upstream.requests.first?.values("tracestate") == ["a=b"])
        }
        await upstream.stop()
    }

    @Test func ownErrorsAreProblemDocuments() async throws {
        let upstream = try await UpstreamServer.start { _ in .answer() }
        try await withGateway(try await .start(.service("/order", ports: [upstream.port], methods: ["GET"]))) { gateway in
            let missing = try await gateway.send("GET", "/nothing")
            #expect(missing.status == 404)
            #expect(missing.header("Content-Type") == "application/problem+json")
            #expect(missing.text.contains("\"status\":404"))
            #expect(missing.text.contains("\"request_id\":\"\(missing.header("X-Request-Id") ?? "?")\""))
            let refused = try await gateway.send("DELETE", "/order/1")
            #expect(refused.status == 405)
            #expect(refused.header("Allow") == "GET, HEAD")
            #expect(try await gateway.send("GET", "/order/%2e%2e/admin").status == 400)
            #expect(upstream.requests.isEmpty)
        }
        await upstream.stop()
    }

    @Test func bothSidesKeepTheirConnections() async throws {
        let upstream = try await UpstreamServer.start { .answer(body: $0.uri) }
        try await withGateway(try await .start(.service(ports: [upstream.port]))) { gateway in
            let client = try await gateway.connect()
            for number in 1...5 {
                try await client.send("GET /\(number) HTTP/1.1\r\nHost: a\r\n\r\n")
                try await client.text { $0.hasSuffix("/\(number)") }
            }
            #expect(upstream.connections == 1)
            #expect(!client.isClosed)
            await client.close()
        }
        await upstream.stop()
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        let upstream = try await UpstreamServer.start { .answer(body: "<\($0.method) \($0.uri)>") }
        try await withGateway(try await .start(.service(ports: [upstream.port]))) { gateway in
            let client = try await gateway.connect()
            let requests = (1...30).map { number in
                number % 3 == 0
                    ? "POST /\(number) HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" : "GET /\(number) HTTP/1.1\r\nHost: a\r\n\r\n"
            }
            try await client.send(requests.joined())
            let text = try await client.text { $0.contains("/30>") }
            let order = text.split(separator: "<").dropFirst().compactMap { $0.split(separator: ">").first }
            #expect(order.map(String.init) == (1...30).map { "\($0 % 3 == 0 ? "POST" : "GET") /\($0)" })
            await client.close()
        }
        await upstream.stop()
    }

    @Test func headAndBodilessAnswers() async throws {
        let upstream = try await UpstreamServer.start { request in
            switch request.uri {
            case "/204": .answer(status: 204)
            case "/304": .answer(status: 304, body: "never sent")
            default: .answer(body: "hello")
            }
        }
        try await withGateway(try await .start(.service(ports: [upstream.port]))) { gateway in
            let client = try await gateway.connect()
            try await client.send(["HEAD /a", "GET /204", "GET /304", "GET /last"].map { "\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            let text = try await client.text { $0.hasSuffix("hello") }
            #expect(text.components(separatedBy: "HTTP/1.1 ").dropFirst().map { $0.prefix(3) } == ["200", "204", "304", "200"])
            #expect(text.components(separatedBy: "hello").count == 2)
            #expect(!text.lowercased().contains("transfer-encoding"))
            await client.close()
        }
        await upstream.stop()
    }

    @Test func http10ClientsGetWhatTheyUnderstand() async throws {
        let upstream = try await UpstreamServer.start { _ in .stream(10) }
        try await withGateway(try await .start(.service(ports: [upstream.port]))) { gateway in
            let client = try await gateway.connect()
            try await client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            try await eventually { client.isClosed }
            #expect(client.text.hasPrefix("HTTP/1.0 200 OK\r\n"))
            #expect(client.text.hasSuffix("\r\n\r\nxxxxxxxxxx"))
            #expect(client.text.contains("Connection: close"))
        }
        await upstream.stop()
    }

    @Test func anUpgradeIsNotPassedOn() async throws {
        let upstream = try await UpstreamServer.start { _ in .answer(body: "plain") }
        try await withGateway(try await .start(.service(ports: [upstream.port]))) { gateway in
            let client = try await gateway.connect()
            try await client.send(
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n\r\n")
            let text = try await client.text { $0.hasSuffix("plain") }
            #expect(text.contains("Connection: close"))
            #expect(upstream.requests.first?.values("Upgrade") == [])
        }
        await upstream.stop()
    }

    @Test func requestsAreSpreadOverReadyInstances() async throws {
        let one = try await UpstreamServer.start { _ in .answer(body: "1") }
        let two = try await UpstreamServer.start { _ in .answer(body: "2") }
        var configuration = GatewayConfiguration.service(ports: [one.port, two.port])
        try await withGateway(try await .start(configuration)) { gateway in
            for _ in 0..<40 { _ = try await gateway.send("GET", "/") }
            #expect(one.requests.count > 5 && two.requests.count > 5)
            configuration.instances["echo"]?[0].state = .draining
            await gateway.gateway.apply(configuration)
            let before = one.requests.count
            for _ in 0..<10 { #expect(try await gateway.send("GET", "/").text == "2") }
            #expect(one.requests.count == before)
            try await eventually("the idle connection to the draining instance is closed") { one.openConnections == 0 }
        }
        await one.stop()
        await two.stop()
    }

    @Test func manyAtOnceOverAllLoops() async throws {
        let upstream = try await UpstreamServer.start { .answer(body: $0.uri) }
        try await withGateway(try await .start(.service(ports: [upstream.port]), threads: 2)) { gateway in
            let wrong = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask { try await gateway.send("GET", "/\(number)").text != "/\(number)" }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(wrong == 0)
        }
        await upstream.stop()
    }
}
