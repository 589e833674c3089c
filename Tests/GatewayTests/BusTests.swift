import AMQP
import HTTPClient
import Synchronization
import TestSupport
import Testing
import Topology

@testable import Gateway

/// Against the real RabbitMQ.
struct BusTests {
    private func route(_ queue: String, mode: Route.ReplyMode = .exclusive, timeout: Duration = .seconds(10)) -> GatewayConfiguration {
        GatewayConfiguration(routes: [Route(path: "/files", target: .queue(queue, replyMode: mode), timeout: timeout)])
    }

    @Test(arguments: Route.ReplyMode.allCases)
    func requestsAreAnsweredOverTheBus(mode: Route.ReplyMode) async throws {
        let fixture = try await BusFixture.start(on: .shared(), queues: ["FileBrowser"])
        try await withGateway(try await .start(route("FileBrowser", mode: mode), bus: fixture.bus())) { gateway in
            let answer: @Sendable (AMQPMessage) -> AMQPMessage? = { request in
                AMQPMessage(
                    properties: AMQPProperties(contentType: "text/plain", headers: ["status": .int(206)]),
                    body: Array("<".utf8) + request.body)
            }
            try await fixture.answering("FileBrowser", answer) {
                try await eventually { try await gateway.send("GET", "/files").status == 206 }
                let count = mode == .temporary ? 5 : 100
                let wrong = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<count {
                        group.addTask {
                            let answer = try await gateway.send("GET", "/files?n=\(number)")
                            return answer.text != "<{\"n\":\"\(number)\"}" || answer.header("Content-Type") != "text/plain"
                        }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(wrong == 0)
                let posted = try await gateway.send("POST", "/files", body: "{\"a\":1}")
                #expect(posted.text == "<{\"a\":1}")
            }
        }
    }

    @Test func aDeadlineGoesWithTheRequestAndEndsIt() async throws {
        let fixture = try await BusFixture.start(on: .shared(), queues: ["Slow"])
        try await withGateway(try await .start(route("Slow", timeout: .milliseconds(700)), bus: fixture.bus())) { gateway in
            let seen = Mutex<[AMQPProperties]>([])
            let ignore: @Sendable (AMQPMessage) -> AMQPMessage? = { request in
                seen.withLock { $0.append(request.properties) }
                return nil
            }
            try await fixture.answering("Slow", ignore) {
                try await eventually { try await gateway.send("GET", "/files").status == 504 }
                let start = ContinuousClock.now
                let answer = try await gateway.send("GET", "/files")
                #expect(answer.status == 504)
                #expect(ContinuousClock.now - start < .seconds(2))
                let properties = try #require(seen.withLock { $0.last })
                guard case .int(let deadline)? = properties.headers[BusMessage.deadlineHeader] else {
                    Issue.record("the request has no deadline")
                    return
                }
                #expect(abs(deadline - WallClock.now() / 1_000_000) < 2000)
                #expect(try #require(properties.expiration) <= .milliseconds(700))
            }
        }
    }

    @Test func whatNoQueueTakesIs503AtOnce() async throws {
        let fixture = try await BusFixture.start(on: .shared(), queues: ["Other"])
        let bus = try fixture.bus()
        try await withGateway(try await .start(route("Missing"), bus: bus)) { gateway in
            try await eventually { try await gateway.send("GET", "/files").text.contains("no queue Missing") }
            let start = ContinuousClock.now
            let answer = try await gateway.send("GET", "/files")
            #expect(answer.status == 503)
            #expect(answer.header("Retry-After") == "1")
            #expect(ContinuousClock.now - start < .seconds(5))
        }
    }

    @Test func bigBodiesDoNotBecomeMessages() async throws {
        let fixture = try await BusFixture.start(on: .shared(), queues: ["Q"])
        try await withGateway(try await .start(route("Q"), bus: fixture.bus())) { gateway in
            let answer = try await gateway.send("POST", "/files", body: String(repeating: "x", count: 1 << 20 + 1))
            #expect(answer.status == 413)
        }
    }

    @Test func withoutABrokerItIs503Quickly() async throws {
        let broker = try await PrivateRabbitMQ.start()
        let fixture = try await BusFixture.start(on: broker, queues: ["Q"])
        try await withGateway(try await .start(route("Q", timeout: .seconds(3)), bus: fixture.bus())) { gateway in
            let echo: @Sendable (AMQPMessage) -> AMQPMessage? = { AMQPMessage(properties: AMQPProperties(), body: $0.body) }
            try await fixture.answering("Q", echo) {
                try await eventually { try await gateway.send("GET", "/files").status == 200 }
                try await broker.kill()
                try await eventually { try await gateway.send("GET", "/files").status == 503 }
                let start = ContinuousClock.now
                let answer = try await gateway.send("GET", "/files")
                #expect(answer.status == 503)
                #expect(answer.header("Retry-After") == "1")
                #expect(ContinuousClock.now - start < .seconds(4))
                try await broker.restart()
                try await eventually(within: .seconds(60)) { try await gateway.send("GET", "/files").status == 200 }
            }
        }
        try await broker.stop()
    }

    @Test func withoutABrokerAtAllItIs503() async throws {
        try await withGateway(try await .start(route("Q"))) { gateway in
            let answer = try await gateway.send("GET", "/files")
            #expect(answer.status == 503)
        }
    }
}
