/// What is looked for in the store.
package enum TraceQuery: Sendable, Equatable {
    case trace(TraceID)
    /// Every trace that has a span about it.
    case subject(String)

    /// 32 hexadecimal digits are a trace's id; anything else is what the trace is about.
    package init(_ text: String) {
        self = TraceID(text.lowercased()).map { .trace($0) } ?? .subject(text)
    }
}
