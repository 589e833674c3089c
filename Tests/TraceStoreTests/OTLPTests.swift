import Foundation
import HTTPClient
import NIOHTTP1
import TestSupport
import Testing

@testable import TraceStore

@Suite struct OTLPTests {
    private func exporter(port: Int, _ variables: [String: String] = [:]) throws -> OTLPExporter {
        let environment = variables.merging(["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(port)"]) { own, _ in own }
        let settings = try #require(try OTLPSettings(environment))
        return OTLPExporter(settings: settings, resource: resource, firstPause: .milliseconds(20))
    }

    private func encoded(_ span: FinishedSpan) -> [UInt8] {
        var bytes: [UInt8] = []
        OTLPText.append(span, to: &bytes)
        return bytes
    }

    @Test func spansComeToTheCollectorAsOTLPSaysIt() async throws {
        let collector = Collector()
        let port = try await collector.start()
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let sink = sink(
            folder,
            ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:\(port)/base/", "OTEL_EXPORTER_OTLP_HEADERS": "api-key=a%20b, x-team=shop"])
        let trace = TraceID.random()
        sink.record(span("publish order.created", trace: trace, attributes: ["messaging.system": .string("rabbitmq"), "n": .int(3)]))
        await sink.close()
        let request = try #require(collector.requests.first)
        #expect(request.path == "/base/v1/traces")
        #expect(request.headers["content-type"] == "application/json")
        #expect(request.headers["api-key"] == "a b" && request.headers["x-team"] == "shop")
        let document = try JSON(parsing: request.body)["resourceSpans"].array[0]
        #expect(document["resource"]["attributes"].array.first?["value"]["stringValue"].string == "order")
        let written = document["scopeSpans"].array[0]["spans"].array[0]
        #expect(written["traceId"].string == trace.description)
        #expect(written["name"].string == "publish order.created")
        #expect(written["startTimeUnixNano"].string == "1000")
        #expect(written["attributes"].array.map { $0["key"].string } == ["messaging.system", "n"])
        #expect(written["attributes"].array[1]["value"]["intValue"].string == "3")
        #expect(sink.counts == SpanSink.Counts(recorded: 1, droppedByStore: 0, exported: 1, droppedByExporter: 0))
        try await collector.stop()
    }

    @Test func aCollectorThatIsAwayIsWaitedForWithinABound() async throws {
        let port = freePort()
        let exporter = try exporter(port: port)
        let one = encoded(span("x"))
        for _ in 0..<10 { exporter.take(Array(repeating: one, count: 1000)) }
        #expect(exporter.waiting == OTLPExporter.maximumWaiting)
        #expect(exporter.counts.dropped == 10_000 - OTLPExporter.maximumWaiting)

        let collector = Collector()
        _ = try await collector.start(port: port)
        try await eventually("the spans' coming to the collector") { exporter.counts.exported == OTLPExporter.maximumWaiting }
        #expect(collector.requests.count == OTLPExporter.maximumWaiting / OTLPExporter.batch)
        #expect(exporter.waiting == 0)
        await exporter.close()
        try await collector.stop()
    }

    @Test func largeSpansAreBoundedByTheirBytes() throws {
        let exporter = try exporter(port: freePort())
        let large =
            encoded(span("x", attributes: ["text": .string(String(repeating: "x", count: 1000))]))
            + [UInt8](repeating: 0x20, count: 100_000)
        exporter.take(Array(repeating: large, count: 200))
        #expect(exporter.waiting * large.count <= OTLPExporter.maximumWaitingBytes)
        #expect(exporter.counts.dropped == 200 - exporter.waiting)
    }

    @Test func closingDoesNotWaitForACollectorThatIsAway() async throws {
        let exporter = try exporter(port: freePort())
        exporter.take([encoded(span("x"))])
        let elapsed = await ContinuousClock().measure { await exporter.close() }
        #expect(elapsed < OTLPExporter.closingPatience + .seconds(1))
        #expect(exporter.counts == OTLPExporter.Counts(exported: 0, dropped: 1))
    }

    @Test func anOverloadedCollectorGetsTheSpansAgainAndARefusalDoesNot() async throws {
        let collector = Collector()
        let exporter = try exporter(port: try await collector.start())
        collector.answer(.serviceUnavailable)
        exporter.take([encoded(span("x"))])
        try await eventually("a second attempt") { collector.requests.count >= 2 }
        collector.answer(.ok, #"{"partialSuccess": {"rejectedSpans": "1"}}"#)
        try await eventually("the answer") { exporter.waiting == 0 }
        #expect(exporter.counts == OTLPExporter.Counts(exported: 0, dropped: 1))
        collector.answer(.badRequest)
        exporter.take([encoded(span("y"))])
        try await eventually("the refusal") { exporter.waiting == 0 }
        #expect(exporter.counts == OTLPExporter.Counts(exported: 0, dropped: 2))
        await exporter.close()
        try await collector.stop()
    }

    @Test(arguments: [
        (200, nil, OTLPAnswer.accepted(rejected: 0)), (204, nil, .accepted(rejected: 0)), (400, nil, .refused), (404, nil, .refused),
        (429, "7", .later(seconds: 7)), (503, "x", .later(seconds: nil)), (502, "99999", .later(seconds: 300)),
    ])
    func anAnswerSaysWhatBecameOfTheSpans(status: Int, retryAfter: String?, expected: OTLPAnswer) {
        let headers = retryAfter.map { [("Retry-After", $0)] } ?? []
        #expect(OTLPAnswer(HTTPClient.Response(status: status, headers: headers, body: [])) == expected)
    }

    @Test(arguments: [
        ("http://localhost:4318", "localhost:4318", "/v1/traces"), ("http://[::1]:4318/", "::1:4318", "/v1/traces"),
        ("http://collector/otlp", "collector:80", "/otlp/v1/traces"),
    ])
    func anEndpointIsRead(text: String, address: String, path: String) throws {
        let settings = try #require(try OTLPSettings(["OTEL_EXPORTER_OTLP_ENDPOINT": text]))
        #expect("\(settings.address)" == address)
        #expect(settings.path == path)
    }

    @Test func theEndpointForTracesIsTakenAsItIs() throws {
        let settings = try OTLPSettings([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://a:1", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://b:2/spans",
            "OTEL_EXPORTER_OTLP_TIMEOUT": "1500",
        ])
        #expect(settings?.address == .tcp(host: "b", port: 2) && settings?.path == "/spans" && settings?.timeout == .milliseconds(1500))
        #expect(try OTLPSettings([:]) == nil)
    }

    @Test(arguments: ["https://collector:4318", "collector:4318", "http://", "http://a:0", "http://a:b", "http://u:p@a", "http://a b"])
    func whatIsNoEndpointIsSaid(text: String) {
        #expect(throws: TraceStoreError.self) { try OTLPSettings(["OTEL_EXPORTER_OTLP_ENDPOINT": text]) }
        let settings = TraceSettings(["OTEL_EXPORTER_OTLP_ENDPOINT": text, "SIGNALBOX_TRACES": "/t"])
        #expect(settings.folder == "/t" && settings.exporter == nil)
        #expect(settings.complaints.first?.contains("OTEL_EXPORTER_OTLP_ENDPOINT") == true)
    }
}
