/// A span as it was found in the store.
package struct RecordedSpan: Sendable, Equatable {
    package var service: String
    package var instance: String
    package var traceID: TraceID
    package var spanID: SpanID
    package var parent: SpanID?
    package var name: String
    package var kind: FinishedSpan.Kind
    /// Nanoseconds since 1970.
    package var start: UInt64
    package var end: UInt64
    /// Values as text.
    package var attributes: [String: String]
    /// Nil: it did not fail. Empty: it failed without a message.
    package var error: String?

    package init(
        service: String, instance: String, traceID: TraceID, spanID: SpanID, parent: SpanID?, name: String, kind: FinishedSpan.Kind,
        start: UInt64, end: UInt64, attributes: [String: String] = [:], error: String? = nil
    ) {
        self.service = service
        self.instance = instance
        self.traceID = traceID
        self.spanID = spanID
        self.parent = parent
        self.name = name
        self.kind = kind
        self.start = start
        self.end = max(start, end)
        self.attributes = attributes
        self.error = error
    }

    package var subject: String? { attributes[FinishedSpan.subject] }
    package var nanoseconds: UInt64 { end - start }
}
