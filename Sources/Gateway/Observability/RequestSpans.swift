import TraceStore

/// The places of a request's spans in its trace.
struct RequestSpans: Sendable, Equatable {
    var server: SpanContext
    /// Of what the gateway asks an upstream.
    var upstream: SpanContext
    /// The client's.
    var parent: SpanID?
}
