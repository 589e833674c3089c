import Admin
import Foundation
import Testing
import TraceStore

@Suite struct TraceTextTests {
    private func tree() throws -> TraceTree {
        let trace = try #require(TraceID("4bf92f3577b34da6a3ce929d0e0e4736"))
        let ids = (1...4).compactMap { SpanID(UInt64($0)) }
        return TraceTree([
            RecordedSpan(
                service: "gateway", instance: "1", traceID: trace, spanID: ids[0], parent: nil, name: "POST /order", kind: .server,
                start: 1_000_000_000, end: 1_020_000_000, attributes: ["http.response.status_code": "202"]),
            RecordedSpan(
                service: "order", instance: "2", traceID: trace, spanID: ids[1], parent: ids[0], name: "INSERT orders", kind: .client,
                start: 1_001_500_000, end: 1_001_900_000),
            RecordedSpan(
                service: "inventory", instance: "1", traceID: trace, spanID: ids[2], parent: ids[0], name: "process inventory.orders",
                kind: .consumer, start: 1_050_000_000, end: 4_050_000_000,
                attributes: ["signalbox.subject": "o-1", "signalbox.event.type": "order.created"],
                error: "no \u{1B}[2Jstock"),
            RecordedSpan(
                service: "mail", instance: "1", traceID: trace, spanID: ids[3], parent: SpanID(99), name: "late", kind: .internal,
                start: 5_000_000_000, end: 5_000_000_001),
        ])
    }

    @Test func eachSpanIsALineBelowItsCause() throws {
        let lines = TraceText(style: .plain, clock: { _ in "12:00:00.000" }).lines(try tree())
        #expect(lines.count == 6)
        #expect(lines[0] == "trace 4bf92f3577b34da6a3ce929d0e0e4736  about o-1  4 spans of 4 services in 4.0 s")
        #expect(lines[2].hasSuffix("POST /order") && lines[2].contains("202"))
        #expect(lines[5].hasSuffix("late [what caused it is not recorded]"))
        #expect(!lines.joined().contains("\u{1B}"))
        #expect(lines[3].hasSuffix("├─ INSERT orders") && lines[4].contains("└─ process inventory.orders order.created: no"))
    }

    @Test func aTerminalGetsColours() throws {
        let lines = TraceText(style: TerminalStyle(isColoured: true), clock: { _ in "t" }).lines(try tree())
        #expect(lines[4].contains("\u{1B}[31merror") && !lines[4].contains("\u{1B}[2J"))
    }

    @Test func theDocumentHasTheSame() throws {
        let data = try JSONEncoder().encode(TraceDocument(try tree(), omitted: 0))
        let text = String(decoding: data, as: UTF8.self)
        #expect(text.contains(#""trace_id":"4bf92f3577b34da6a3ce929d0e0e4736""#))
        #expect(text.contains(#""offset_ms":1.5"#) && text.contains(#""duration_ms":0.4"#))
    }
}
