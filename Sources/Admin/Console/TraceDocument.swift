package import TraceStore

/// Traces as `signalbox trace --json` prints them.
package struct TraceDocument: Encodable {
    struct Span: Encodable {
        var span_id: String
        var parent_id: String?
        var depth: Int
        var service: String
        var instance: String
        var name: String
        var kind: String
        /// Nanoseconds since 1970.
        var start_unix_nano: UInt64
        /// Milliseconds since the trace's first span began.
        var offset_ms: Double
        var duration_ms: Double
        var status: String
        var error: String?
        var attributes: [String: String]
    }

    struct Trace: Encodable {
        var trace_id: String
        var start_unix_nano: UInt64
        var duration_ms: Double
        /// Each below what caused it, as `depth` says.
        var spans: [Span]
    }

    var traces: [Trace]
    /// Spans that were found and left out.
    var omitted: Int

    package init(_ tree: TraceTree, omitted: Int) {
        self.omitted = omitted
        traces = tree.traces.map { trace in
            Trace(
                trace_id: trace.id.description, start_unix_nano: trace.start, duration_ms: Self.milliseconds(trace.end - trace.start),
                spans: trace.rows.map { row in
                    let span = row.span
                    return Span(
                        span_id: span.spanID.description, parent_id: span.parent?.description, depth: row.depth, service: span.service,
                        instance: span.instance, name: span.name, kind: "\(span.kind)", start_unix_nano: span.start,
                        offset_ms: Self.milliseconds(span.start - trace.start), duration_ms: Self.milliseconds(span.nanoseconds),
                        status: span.error == nil ? "ok" : "error", error: span.error, attributes: span.attributes)
                })
        }
    }

    private static func milliseconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds / 1000) / 1000 }
}
