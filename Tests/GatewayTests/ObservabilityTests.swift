import Foundation
import HTTPClient
import NIOCore
import TestSupport
import Testing
import Topology

@testable import Gateway

struct ObservabilityTests {
    @Test func time() {
        #expect(WallClock.iso8601(0) == "1970-01-01T00:00:00.000Z")
        #expect(WallClock.iso8601(1_795_262_399_123_456_789) == "2026-11-21T11:59:59.123Z")
        #expect(WallClock.iso8601(951_782_400_000_000_000) == "2000-02-29T00:00:00.000Z")
    }

    @Test func strings() {
        var json = JSONText()
        json.beginObject()
        json.member("a", "\"\\\n\u{1}é")
        json.member("b", 1)
        json.endObject()
        #expect(String(decoding: json.bytes, as: UTF8.self) == #"{"a":"\"\\\u000A\u0001é","b":1}"#)
    }

    @Test func oneLineARequest() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let descriptor = open("\(folder)/log", O_WRONLY | O_CREAT, 0o600)
        let upstream = try await UpstreamServer.start { _ in .answer(body: "hello") }
        let gateway = try await RunningGateway.start(
            .service("/order", ports: [upstream.port]), accessLog: AccessLog(descriptor: descriptor))
        let answer = try await gateway.send("GET", "/order/7?token=secret")
        _ = try await gateway.send("GET", "/other")
        await gateway.gateway.stop()
        close(descriptor)
        await upstream.stop()
        let lines = try String(contentsOfFile: "\(folder)/log", encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 2)
        struct Line: Decodable {
            var time, method, path, request_id, trace_id: String
            var status, bytes: Int
            var duration_ms: Double
            var upstream: String?
        }
        let first = try JSONDecoder().decode(Line.self, from: Data(lines[0].utf8))
        #expect(first.method == "GET")
        #expect(first.path == "/order/7")
        #expect(first.status == 200)
        #expect(first.bytes == 5)
        #expect(first.upstream == "echo/1")
        #expect(first.request_id == answer.header("X-Request-Id"))
        #expect(first.trace_id.count == 32)
        #expect(first.duration_ms > 0)
        #expect(try JSONDecoder().decode(Line.self, from: Data(lines[1].utf8)).status == 404)
    }
}
