import Foundation
import HTTPClient
import Supervision
import TestSupport
import Testing

@testable import Admin

@Suite struct StreamTests {
    /// The data of the next `count` events.
    private func next(_ count: Int, of lines: inout AsyncThrowingStream<String, any Error>.Iterator) async throws -> [String] {
        var data: [String] = []
        while data.count < count, let line = try await lines.next() {
            if line.hasPrefix("data: ") { data.append(String(line.dropFirst(6))) }
        }
        return data
    }

    private func expect(_ lines: inout AsyncThrowingStream<String, any Error>.Iterator, sequences expected: [Int]) async throws {
        let data = try await next(expected.count, of: &lines)
        let found = try data.map { try JSONDecoder().decode(TransitionRecord.self, from: Data($0.utf8)).sequence }
        #expect(found == expected)
    }

    private func expect(_ lines: inout AsyncThrowingStream<String, any Error>.Iterator, texts expected: [String]) async throws {
        let data = try await next(expected.count, of: &lines)
        let found = try data.map { try JSONDecoder().decode(LogLine.self, from: Data($0.utf8)).text }
        #expect(found == expected)
    }

    @Test func eventsAreThePastAndThenWhatComes() async throws {
        try await RunningAdmin.with { admin in
            for sequence in 1...3 { admin.control.happen(FakeSupervisor.transition(sequence)) }
            var lines = try await admin.stream("/v1/events?follow=true").makeAsyncIterator()
            try await expect(&lines, sequences: [1, 2, 3])
            admin.control.happen(FakeSupervisor.transition(4))
            admin.control.happen(FakeSupervisor.transition(5))
            try await expect(&lines, sequences: [4, 5])
        }
    }

    @Test func aClientThatComesBackGoesOnWhereItWas() async throws {
        try await RunningAdmin.with { admin in
            for sequence in 1...5 { admin.control.happen(FakeSupervisor.transition(sequence)) }
            var lines = try await admin.stream("/v1/events?follow", headers: [("Last-Event-ID", "3")]).makeAsyncIterator()
            try await expect(&lines, sequences: [4, 5])
            let listed = try await admin.send("GET", "/v1/events?after=2&limit=2")
            #expect(
                try JSONDecoder().decode([String: [TransitionRecord]].self, from: Data(listed.body))["events"]?.map(\.sequence) == [3, 4])
            let newest = try await admin.send("GET", "/v1/events?limit=2")
            #expect(
                try JSONDecoder().decode([String: [TransitionRecord]].self, from: Data(newest.body))["events"]?.map(\.sequence) == [4, 5])
        }
    }

    @Test func anyNumberMayBeAskedAfter() async throws {
        try await RunningAdmin.with { admin in
            admin.control.happen(FakeSupervisor.transition(1))
            for path in ["/v1/events?after=\(Int.max)", "/v1/events?after=\(Int.max)&service=order"] {
                let listed = try await admin.send("GET", path)
                #expect(listed.status == 200 && (listed.json["events"] as? [Any])?.isEmpty == true)
            }
            for last in ["\(Int.max)", "\(Int.min)", "99999999999999999999"] {
                let headers = [("Authorization", "Bearer \(admin.token)"), ("Last-Event-ID", last)]
                #expect(try await admin.send("GET", "/v1/events", headers: headers).status == 200)
            }
        }
    }

    /// One that is far behind is given what it can take, and comes back for the rest.
    @Test func aClientThatIsFarBehindMissesNothing() async throws {
        try await RunningAdmin.with { admin in
            for sequence in 1...2500 { admin.control.happen(FakeSupervisor.transition(sequence)) }
            var seen: [Int] = []
            while seen.count < 2500 {
                let before = seen.count
                var lines = try await admin.stream("/v1/events?follow", headers: [("Last-Event-ID", "\(seen.last ?? 0)")])
                    .makeAsyncIterator()
                let data = try await next(min(1000, 2500 - seen.count), of: &lines)
                seen += try data.map { try JSONDecoder().decode(TransitionRecord.self, from: Data($0.utf8)).sequence }
                try #require(seen.count > before)
            }
            #expect(seen == Array(1...2500))
        }
    }

    @Test func logsAreThePastAndThenWhatComesOverARotation() async throws {
        try await RunningAdmin.with { admin in
            let path = admin.directory + "/order.1.log"
            try Data("2026-11-21T12:00:00.000001Z out one\n2026-11-21T12:00:00.000002Z err two\n".utf8).write(to: URL(filePath: path))
            admin.control.set(\.logFiles, [LogFile(service: "order", instance: 1, path: path)])
            var lines = try await admin.stream("/v1/services/order/logs?follow=true&lines=1").makeAsyncIterator()
            try await expect(&lines, texts: ["two"])
            try append("2026-11-21T12:00:00.000003Z out three\n", to: path)
            try await expect(&lines, texts: ["three"])
            rename(path, path + ".1")
            try Data("2026-11-21T12:00:00.000004Z out four\n".utf8).write(to: URL(filePath: path))
            try await expect(&lines, texts: ["four"])
            // An instance that comes later is taken up from its first line.
            let second = admin.directory + "/order.2.log"
            try Data("2026-11-21T12:00:00.000005Z out five\n".utf8).write(to: URL(filePath: second))
            admin.control.set(
                \.logFiles, [LogFile(service: "order", instance: 1, path: path), LogFile(service: "order", instance: 2, path: second)])
            try await expect(&lines, texts: ["five"])
        }
    }

    @Test func logsAreAnsweredAsJSONLinesOrText() async throws {
        try await RunningAdmin.with { admin in
            let path = admin.directory + "/order.1.log"
            try Data("2026-11-21T12:00:00.000001Z out one\n2026-11-21T12:00:00.000002Z err two\n".utf8).write(to: URL(filePath: path))
            admin.control.set(\.logFiles, [LogFile(service: "order", instance: 1, path: path)])
            let json = try await admin.send("GET", "/v1/services/order/logs?lines=1")
            #expect(json.header("Content-Type") == "application/x-ndjson")
            #expect(json.json["text"] as? String == "two")
            #expect(json.json["stream"] as? String == "err")
            let text = try await admin.send(
                "GET", "/v1/services/order/logs", headers: [("Authorization", "Bearer \(admin.token)"), ("Accept", "text/plain")])
            #expect(text.text == "2026-11-21T12:00:00.000001Z order/1 out one\n2026-11-21T12:00:00.000002Z order/1 err two\n")
            try await admin.expect(404, "GET", "/v1/services/nobody/logs")
            try await admin.expect(400, "GET", "/v1/services/order/logs?lines=many")
        }
    }

    @Test func followersAreBounded() throws {
        let limit = StreamLimit()
        var places: [StreamLimit.Place] = []
        for _ in 0..<StreamLimit.maximum { places.append(try limit.take()) }
        #expect(throws: Problem.self) { try limit.take() }
        places.removeLast()
        _ = try limit.take()
    }

    private func append(_ text: String, to path: String) throws {
        let handle = try FileHandle(forWritingTo: URL(filePath: path))
        defer { try? handle.close() }
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
    }
}
