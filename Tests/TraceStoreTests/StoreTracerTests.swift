import TestSupport
import Testing
import Tracing

@testable import TraceStore

/// `withSpan` of swift-distributed-tracing on the store's tracer.
@Suite struct StoreTracerTests {
    private struct Headers: Extractor, Injector {
        func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
    }

    private struct Refusal: Error {}

    @Test func aSpanContinuesTheTraceOfItsCarrier() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let sink = sink(folder)
        let tracer = StoreTracer(sampling: .budgeted(), sink: sink)
        let carried = ["traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "vendor=x"]
        var passed: [String: String] = [:]
        withTracer(tracer) {
            var context = ServiceContext.topLevel
            InstrumentationSystem.instrument.extract(carried, into: &context, using: Headers())
            withSpan("process inventory.orders", context: context, ofKind: .consumer) { span in
                span.attributes[FinishedSpan.subject] = "o-1"
                withSpan("INSERT", ofKind: .client) { inner in
                    InstrumentationSystem.instrument.inject(inner.context, into: &passed, using: Headers())
                }
            }
        }
        await sink.close()
        let found = try TraceSearch(TraceFolder(path: folder)).find(TraceQuery("o-1"))
        #expect(found.spans.map(\.name).sorted() == ["INSERT", "process inventory.orders"])
        #expect(Set(found.spans.map(\.traceID.description)) == ["0af7651916cd43dd8448eb211c80319c"])
        let consumer = try #require(found.spans.first { $0.kind == .consumer })
        let statement = try #require(found.spans.first { $0.kind == .client })
        #expect(consumer.parent?.description == "b7ad6b7169203331")
        #expect(statement.parent == consumer.spanID)
        #expect(passed["traceparent"] == "00-0af7651916cd43dd8448eb211c80319c-\(statement.spanID)-01")
        #expect(passed["tracestate"] == "vendor=x")
    }

    @Test func whatIsNotSampledIsPassedOnAndNotRecorded() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let sink = sink(folder)
        let tracer = StoreTracer(sampling: .budgeted(), sink: sink)
        let context = ServiceContext.continuing(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")
        let passed = withTracer(tracer) {
            withSpan("outer", context: context) { span in
                #expect(!span.isRecording)
                return withSpan("inner") { $0.context.spanContext?.traceparent }
            }
        }
        await sink.close()
        #expect(passed?.hasPrefix("00-0af7651916cd43dd8448eb211c80319c-") == true && passed?.hasSuffix("-00") == true)
        #expect(sink.counts == SpanSink.Counts())
        #expect(files(in: folder).isEmpty)
    }

    @Test func anErrorIsTheSpansOutcome() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let sink = sink(folder)
        let id = TraceID.random()
        var context = ServiceContext.topLevel
        context.spanContext = SpanContext(traceID: id, spanID: .random(), isSampled: true)
        #expect(throws: Refusal.self) {
            try withTracer(StoreTracer(sampling: .everything, sink: sink)) {
                try withSpan("payment", context: context) { _ in throw Refusal() }
            }
        }
        await sink.close()
        let found = try TraceSearch(TraceFolder(path: folder)).find(.trace(id))
        #expect(found.spans.map(\.error) == ["Refusal()"])
    }

    @Test func aSpanEndsOnceAndIsBounded() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let sink = sink(folder)
        let tracer = StoreTracer(sampling: .everything, sink: sink)
        let span = tracer.startSpan(String(repeating: "n", count: 1000))
        for number in 0..<100 {
            span.addEvent(SpanEvent(name: "event \(number)"))
            span.attributes["attribute \(number)"] = String(repeating: "ü", count: 10_000)
        }
        span.end()
        span.end()
        await sink.close()
        #expect(sink.counts.recorded == 1)
        let id = try #require(span.context.spanContext?.traceID)
        let found = try #require(try TraceSearch(TraceFolder(path: folder)).find(.trace(id)).spans.first)
        #expect(found.name.utf8.count <= FinishedSpan.longestName)
        #expect(found.attributes.count == SpanAttributeList.maximumCount)
        #expect(found.attributes.values.allSatisfy { $0.utf8.count <= SpanAttributeList.longestValue && $0.hasSuffix("ü…") })
    }
}
