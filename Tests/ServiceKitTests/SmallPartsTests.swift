import Logging
@testable import ServiceKit
import Testing

struct EventIdentifierTests {
    @Test func isAUUIDOfVersionSeven() {
        let id = EventIdentifier.make(milliseconds: 0x0123_4567_89AB, random: (.max, .max))
        #expect(id == "01234567-89ab-7fff-bfff-ffffffffffff")
        #expect(EventIdentifier.make(milliseconds: 1, random: (0, 0)) == "00000000-0001-7000-8000-000000000000")
    }

    @Test func sortsByTime() {
        #expect(EventIdentifier.make(milliseconds: 1, random: (.max, .max)) < EventIdentifier.make(milliseconds: 2, random: (0, 0)))
    }
}

struct BackoffTests {
    @Test func doublesToItsBoundAndBegins() {
        var backoff = Backoff(initial: .milliseconds(100), maximum: .milliseconds(300))
        #expect([backoff.next(), backoff.next(), backoff.next(), backoff.next()] == [100, 200, 300, 300].map { .milliseconds($0) })
        backoff.reset()
        #expect(backoff.next() == .milliseconds(100))
    }
}

struct LatchTests {
    @Test func releasesAllWhoWaitAndAllWhoCome() async {
        let latch = Latch()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { await latch.wait() } }
            latch.trigger()
        }
        await latch.wait()
        #expect(latch.isTriggered)
    }

    @Test func aCancelledTaskDoesNotWait() async {
        let latch = Latch()
        let task = Task { await latch.wait() }
        task.cancel()
        await task.value
        #expect(!latch.isTriggered)
        await latch.wait(atMost: .milliseconds(1))
    }
}

struct JSONLogHandlerTests {
    @Test func aLineIsJSON() {
        let handler = JSONLogHandler(service: "order", instance: 2)
        let event = LogEvent(level: .info, message: "a \"b\"\n\u{1}", metadata: nil, source: "s", file: "f", function: "g", line: 1)
        let line = handler.line(
            event, fields: ["n": .stringConvertible(3), "list": ["x"]], traceID: "abc", time: Timestamp(microseconds: 0))
        #expect(
            line
                == #"{"time":"1970-01-01T00:00:00.000000Z","level":"info","message":"a \"b\"\n\u0001","service":"order","instance":2,"trace_id":"abc","metadata":{"list":["x"],"n":3}}"#
                + "\n")
    }
}

struct HTTPServerAddressTests {
    private func address(_ values: [String: String]) throws -> HTTPServer.Address {
        HTTPServer.Address(try ServiceEnvironment(values.merging(["SIGNALBOX_SERVICE": "a"]) { $1 }), process: 5)
    }

    @Test func portsAndSockets() throws {
        #expect(try address([:]) == .loopback(port: 0))
        #expect(try address(["LISTEN_FDS": "1", "LISTEN_PID": "5"]) == .inherited(3))
        #expect(try address(["LISTEN_FDS": "1", "LISTEN_PID": "6"]) == .loopback(port: 0))
        #expect(try address(["LISTEN_FDS": "1", "LISTEN_PID": "5", "PORT": "80"]) == .loopback(port: 80))
    }
}

struct RegistrationsTests {
    private struct Happened: Event {
        static let type = "it.happened"
        var subject: String { "" }
    }

    private func registrations(_ change: (inout Registrations) -> Void) -> Registrations {
        var registrations = Registrations()
        change(&registrations)
        return registrations
    }

    private func environment(_ values: [String: String] = [:]) throws -> ServiceEnvironment {
        try ServiceEnvironment(values.merging(["SIGNALBOX_SERVICE": "a"]) { $1 })
    }

    @Test func whatCannotWorkIsRefused() throws {
        let handler = EventHandler(Happened.self) { _, _, _ in }
        let everything = ["AMQP_URL": "amqp://x", "DATABASE_URL": "postgres://x"]
        #expect(throws: Never.self) { try registrations { _ in }.validate(in: environment()) }
        #expect(throws: ServiceError.self) { try registrations { $0.add(handler, to: "q") }.validate(in: environment()) }
        #expect(throws: ServiceError.self) {
            try registrations { $0.add(handler, to: "q") }.validate(in: environment(["AMQP_URL": "amqp://x"]))
        }
        #expect(throws: Never.self) { try registrations { $0.add(handler, to: "q") }.validate(in: environment(everything)) }
        #expect(throws: ServiceError.self) {
            try registrations {
                $0.add(handler, to: "q")
                $0.add(handler, to: "q")
            }.validate(in: environment(everything))
        }
        #expect(throws: ServiceError.self) {
            try registrations {
                $0.add(handler, to: "q")
                $0.add({ _ in .problem(status: 400, title: "") }, answering: "q")
            }.validate(in: environment(everything))
        }
        #expect(throws: ServiceError.self) {
            try registrations { $0.add(handler, to: "q") }.validate(
                in: environment(everything.merging(["SIGNALBOX_QUEUES": #"{"r": {}}"#]) { $1 }))
        }
        #expect(throws: ServiceError.self) { try registrations { $0.migrations = [Migration("1", "")] }.validate(in: environment()) }
    }
}
