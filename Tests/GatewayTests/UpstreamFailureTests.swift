import HTTPClient
import NIOCore
import Synchronization
import TestSupport
import Testing
import Topology

@testable import Gateway

struct UpstreamFailureTests {
    @Test func aRefusedConnectionGoesToTheNextInstance() async throws {
        let upstream = try await UpstreamServer.start { _ in .answer(body: "alive") }
        try await withGateway(try await .start(.service(ports: [freePort(), upstream.port]))) { gateway in
            for _ in 0..<10 {
                let answer = try await gateway.send("POST", "/", body: "once")
                #expect(answer.text == "alive")
            }
            #expect(upstream.requests.count == 10)
        }
        await upstream.stop()
    }

    @Test func noInstanceInTimeIs503() async throws {
        var limits = GatewayLimits()
        limits.readinessWait = .milliseconds(200)
        var configuration = GatewayConfiguration.service(ports: [])
        try await withGateway(try await .start(configuration, limits: limits)) { gateway in
            let answer = try await gateway.send("GET", "/")
            #expect(answer.status == 503)
            #expect(answer.header("Retry-After") == "1")
            configuration = .service(ports: [freePort()])
            await gateway.gateway.apply(configuration)
            #expect(try await gateway.send("GET", "/").status == 503)
        }
    }

    @Test func aRequestWaitsForAnInstance() async throws {
        let upstream = try await UpstreamServer.start { _ in .answer(body: "late") }
        try await withGateway(try await .start(.service(ports: []))) { gateway in
            async let answer = gateway.send("POST", "/", body: "kept")
            try await eventually { await gateway.metrics().clientConnections == 1 }
            await gateway.gateway.apply(.service(ports: [upstream.port]))
            #expect(try await answer.text == "late")
            #expect(upstream.requests.first.map { String(decoding: $0.body, as: UTF8.self) } == "kept")
        }
        await upstream.stop()
    }

    @Test func aRestartOnTheSamePortRefusesNobody() async throws {
        let port = freePort()
        try await withGateway(try await .start(.service(ports: [port]))) { gateway in
            let first = try await UpstreamServer.start(port: port) { _ in .answer(body: "first") }
            #expect(try await gateway.send("GET", "/").text == "first")
            await first.stop()
            try await eventually { await gateway.metrics().upstreamConnections == 0 }
            async let answer = gateway.send("POST", "/", body: "x")
            try await eventually { await gateway.metrics().upstreamConnectFailures > 0 }
            let second = try await UpstreamServer.start(port: port) { _ in .answer(body: "second") }
            #expect(try await answer.text == "second")
            await second.stop()
        }
    }

    @Test(arguments: ["GET", "POST"])
    func pooledConnectionsThatDiedIdleHurtNobody(method: String) async throws {
        let upstream = try await UpstreamServer.start { _ in .answer(body: "x") }
        try await withGateway(try await .start(.service(ports: [upstream.port]))) { gateway in
            for _ in 0..<20 {
                let answer = try await gateway.send(method, "/", body: "b")
                #expect(answer.status == 200)
                await upstream.closeConnections()
                // Another test may be starting a process just now, which holds a copy of the descriptors until it is another program.
                if method == "POST" { try await eventually { await gateway.metrics().upstreamConnections == 0 } }
            }
            #expect(upstream.requests.count == 20)
        }
        await upstream.stop()
    }

    @Test func whatDiesDuringTheRequestIsSentAgainOnlyWhenSafe() async throws {
        let answers = Mutex(0)
        let upstream = try await UpstreamServer.start { _ in
            answers.withLock { count in
                count += 1
                return count == 1 ? .close : .answer(body: "again")
            }
        }
        try await withGateway(try await .start(.service(ports: [upstream.port]))) { gateway in
            let read = try await gateway.send("GET", "/")
            #expect(read.text == "again")
            #expect(upstream.requests.count == 2)
            answers.withLock { $0 = 0 }
            let write = try await gateway.send("POST", "/", body: "pay")
            #expect(write.status == 502)
            #expect(upstream.requests.count == 3)
            answers.withLock { $0 = 0 }
            let put = try await gateway.send("PUT", "/", body: "set")
            #expect(put.text == "again")
            #expect(upstream.requests.last.map { String(decoding: $0.body, as: UTF8.self) } == "set")
            #expect(await gateway.metrics().retries == 2)
        }
        await upstream.stop()
    }

    @Test func attemptsEnd() async throws {
        let upstream = try await UpstreamServer.start { _ in .close }
        try await withGateway(try await .start(.service(ports: [upstream.port]))) { gateway in
            let answer = try await gateway.send("GET", "/")
            #expect(answer.status == 502)
            #expect(upstream.requests.count == GatewayLimits().attempts)
        }
        await upstream.stop()
    }

    @Test func silenceIs504InTheRoutesTime() async throws {
        let upstream = try await UpstreamServer.start { _ in .silence }
        try await withGateway(try await .start(.service(ports: [upstream.port], timeout: .milliseconds(300)))) { gateway in
            let start = ContinuousClock.now
            let answer = try await gateway.send("GET", "/")
            #expect(answer.status == 504)
            #expect(ContinuousClock.now - start < .seconds(8))
            try await eventually("the connection is given up") { upstream.openConnections == 0 }
            #expect(upstream.requests.count <= 1)
        }
        await upstream.stop()
    }

    @Test func aResponseCutShortIsNotTakenForTheWhole() async throws {
        let upstream = try await UpstreamServer.start { _ in .partial("half", announced: 8) }
        try await withGateway(try await .start(.service(ports: [upstream.port]))) { gateway in
            let client = try await gateway.connect()
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually { client.isClosed }
            #expect(client.text.contains("Content-Length: 8"))
            #expect(upstream.requests.count == 1)
            try await eventually { await gateway.metrics().routes["/"]?.cutShort == 1 }
        }
        await upstream.stop()
    }

    @Test func aClientThatLeavesFreesTheUpstream() async throws {
        let upstream = try await UpstreamServer.start { _ in .silence }
        try await withGateway(try await .start(.service(ports: [upstream.port]))) { gateway in
            let client = try await gateway.connect()
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually { upstream.requests.count == 1 }
            await client.close()
            try await eventually { upstream.openConnections == 0 }
            #expect(await gateway.metrics().routes["/"]?.byStatus[RequestRecord.clientClosedRequest] == 1)
        }
        await upstream.stop()
    }
}
