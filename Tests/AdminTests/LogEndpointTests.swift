import Foundation
import HTTPClient
import Supervision
import TestSupport
import Testing

@testable import Admin

@Suite struct LogEndpointTests {
    private func with(_ test: @escaping @Sendable (RunningAdmin, LogTestFolder) async throws -> Void) async throws {
        try await RunningAdmin.with { admin in
            let folder = LogTestFolder(path: admin.directory + "/logs")
            try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
            try await test(admin, folder)
        }
    }

    private func texts(_ answer: HTTPClient.Response) throws -> [String] {
        try answer.body.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(LogLine.self, from: Data($0)).text }
    }

    @Test func answersAreGoneOnFromByTheirCursor() async throws {
        try await with { admin, folder in
            let (order, payment) = (folder.log("order"), folder.log("payment"))
            try folder.write([1, 3, 5], to: order)
            try folder.write([2, 4, 6], to: payment)
            let first = try await admin.send("GET", "/v1/logs?limit=4&since=2026-11-21T12:00:00Z")
            #expect(try texts(first) == ["line 1", "line 2", "line 3", "line 4"])
            #expect(first.header("Signalbox-More") == "true")
            folder.rotate(order)
            try folder.append([7], to: order)
            let cursor = try #require(first.header("Signalbox-Cursor"))
            let second = try await admin.send("GET", "/v1/logs?cursor=\(cursor)")
            #expect(try texts(second) == ["line 5", "line 6", "line 7"])
            #expect(second.header("Signalbox-More") == "false")
            let third = try await admin.send("GET", "/v1/logs?cursor=\(try #require(second.header("Signalbox-Cursor")))")
            #expect(third.body.isEmpty)
            #expect(third.status == 200)
        }
    }

    @Test func theQueryNarrows() async throws {
        try await with { admin, folder in
            try folder.write(
                LogTestFolder.line(1, "out", "plain") + LogTestFolder.line(2, "err", "trouble")
                    + LogTestFolder.line(3, "out", #"{"level":"warn","m":"x"}"#),
                to: folder.log("order", 1))
            try folder.write(LogTestFolder.line(4, "out", "other"), to: folder.log("order", 2))
            try folder.write(LogTestFolder.line(5, "out", "third"), to: folder.log("payment", 1))
            let cases = [
                ("level=warning", ["trouble", #"{"level":"warn","m":"x"}"#]), ("level=error", ["trouble"]),
                ("service=order&instance=2", ["other"]), ("service=order/2,payment", ["other", "third"]), ("grep=ou", ["trouble"]),
                ("lines=2", ["other", "third"]), ("since=2026-11-21T12:00:00.000004Z", ["other", "third"]),
                ("until=2026-11-21T12:00:00.000002Z", ["plain"]), ("lines=0", []),
            ]
            for (query, expected) in cases {
                let answer = try await admin.send("GET", "/v1/logs?\(query)")
                #expect(try texts(answer) == expected, "\(query)")
            }
            for wrong in [
                "level=loud", "since=soon", "until=x", "cursor=nonsense", "lines=-1", "limit=0", "wait=100", "service=/", "instance=0",
            ] {
                try await admin.expect(400, "GET", "/v1/logs?\(wrong)")
            }
        }
    }

    @Test func whatAServiceHasLeftCanBeReadWhenItIsNotDeclaredAnyMore() async throws {
        try await with { admin, folder in
            try folder.write([1], to: folder.log("former", 3))
            #expect(try texts(try await admin.send("GET", "/v1/services/former/logs")) == ["line 1"])
            try await admin.expect(404, "GET", "/v1/services/nobody/logs")
            // Declared, and silent so far.
            #expect(try texts(try await admin.send("GET", "/v1/services/order/logs")) == [])
        }
    }

    @Test func aQuestionMayWaitForALine() async throws {
        try await with { admin, folder in
            let log = folder.log()
            try folder.write([1], to: log)
            let cursor = try #require(try await admin.send("GET", "/v1/logs").header("Signalbox-Cursor"))
            async let answer = admin.send("GET", "/v1/logs?wait=4&cursor=\(cursor)")
            try folder.append([2], to: log)
            #expect(try texts(try await answer) == ["line 2"])
        }
    }

    @Test func aStreamIsGoneOnFromByItsLastEventID() async throws {
        try await with { admin, folder in
            let log = folder.log()
            try folder.write(1...5, to: log)
            var lines = try await admin.stream("/v1/logs?follow&lines=3").makeAsyncIterator()
            var id: String?
            var data: [String] = []
            while data.count < 2, let line = try await lines.next() {
                if line.hasPrefix("id: ") { id = String(line.dropFirst(4)) }
                if line.hasPrefix("data: ") { data.append(try JSONDecoder().decode(LogLine.self, from: Data(line.utf8.dropFirst(6))).text) }
            }
            #expect(data == ["line 3", "line 4"])
            folder.rotate(log)
            try folder.append([6], to: log)
            var again = try await admin.stream("/v1/logs?follow", headers: [("Last-Event-ID", try #require(id))]).makeAsyncIterator()
            data = []
            while data.count < 2, let line = try await again.next() {
                if line.hasPrefix("data: ") { data.append(try JSONDecoder().decode(LogLine.self, from: Data(line.utf8.dropFirst(6))).text) }
            }
            #expect(data == ["line 5", "line 6"])
        }
    }

    @Test(.timeLimit(.minutes(2))) func aSearchThroughSixtyFourMebibytesHoldsNobodyUp() async throws {
        try await with { admin, folder in
            let line = LogTestFolder.line(1, "out", String(repeating: "abcdefgh ", count: 20))
            let mebibyte = String(repeating: line, count: (1 << 20) / line.utf8.count)
            for number in 1...4 { try folder.write(String(repeating: mebibyte, count: 16), to: folder.log("order", number)) }
            try folder.append(LogTestFolder.line(2, "out", "the needle"), to: folder.log("order", 4))
            async let found = admin.send("GET", "/v1/logs?lines=10&grep=needle", timeout: .seconds(100))
            var slowest = Duration.zero
            for _ in 0..<20 {
                let begin = ContinuousClock.now
                try await admin.expect(200, "GET", "/v1/services")
                slowest = max(slowest, begin.duration(to: .now))
            }
            #expect(try texts(try await found) == ["the needle"])
            // The search takes seconds where nothing is optimised; a loop that waited for it would show it.
            #expect(slowest < .milliseconds(1500))
        }
    }
}
