import HTTPClient
import TestSupport
import Testing
import TraceStore

@testable import Gateway

/// The gateway's spans, and what it tells the services of them.
@Suite struct TracingTests {
    private static let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"

    @Test func aRequestHasASpanOfTheGatewayAndOneOfWhatItAsksFor() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let upstream = try await UpstreamServer.start { _ in .answer() }
        let settings = TraceSettings([TraceSettings.folderVariable: folder])
        let sink = SpanSink(resource: TraceResource(service: "gateway", instance: "1", process: 1), settings: settings)
        let tracing = GatewayTracing(sampling: settings.sampling, sink: sink)
        try await withGateway(try await .start(.service("/order", ports: [upstream.port]), tracing: tracing)) { gateway in
            _ = try await gateway.send("POST", "/order/7?secret=1", headers: [("traceparent", Self.traceparent), ("tracestate", "a=b")])
            _ = try await gateway.send("GET", "/nowhere")
            #expect(try await gateway.send("GET", "/order/7").status == 200)
        }
        await sink.close()
        let told = upstream.requests.compactMap { SpanContext(traceparent: $0.values("traceparent").first) }
        #expect(told.count == 2 && told.allSatisfy(\.isSampled))
        #expect(upstream.requests.first?.values("tracestate") == ["a=b"])
        let trace = try #require(told.first)
        #expect(trace.traceID.description == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(told.last?.traceID != trace.traceID)

        let found = try TraceSearch(TraceFolder(path: folder)).find(.trace(trace.traceID)).spans
        let server = try #require(found.first { $0.kind == .server })
        let client = try #require(found.first { $0.kind == .client })
        #expect(found.count == 2)
        #expect(server.name == "POST /order" && server.parent?.description == "00f067aa0ba902b7")
        #expect(server.attributes["url.path"] == "/order/7" && server.attributes["http.response.status_code"] == "200")
        #expect(client.parent == server.spanID && client.spanID == trace.spanID)
        #expect(client.start >= server.start && client.end <= server.end)
        #expect(!found.contains { $0.attributes.values.contains { $0.contains("secret") } })
        // What no route takes is nobody's trace.
        #expect(sink.counts.recorded == 4)
        await upstream.stop()
    }

    @Test func whatIsNotRecordedIsPassedOnAsSuch() {
        let sink = SpanSink(resource: TraceResource(service: "gateway", instance: "1", process: 1), settings: TraceSettings([:]))
        let tracing = GatewayTracing(sampling: TraceSampling(sampler: "always_off", argument: nil), sink: sink)
        var random = SplitMix(seed: 1)
        var context = TraceContext(headers: [Self.traceparent], random: &random)
        tracing.begin(&context, method: "GET")
        #expect(context.spans == nil)
        #expect(context.traceparent.hasPrefix("00-4bf92f3577b34da6a3ce929d0e0e4736-") && context.traceparent.hasSuffix("-00"))
    }
}
