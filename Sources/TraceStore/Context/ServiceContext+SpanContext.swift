package import Tracing

private enum SpanContextKey: ServiceContextKey {
    typealias Value = SpanContext
    static let nameOverride: String? = "signalbox-span"
}

extension ServiceContext {
    /// The span in which the work is done; nil outside of any.
    package var spanContext: SpanContext? {
        get { self[SpanContextKey.self] }
        set { self[SpanContextKey.self] = newValue }
    }

    /// A context in which spans continue the trace that came with a request or a message; a new one where none came.
    package static func continuing(traceparent: String?, state: String? = nil) -> ServiceContext {
        var context = ServiceContext.topLevel
        context.spanContext = SpanContext(traceparent: traceparent, state: state)
        return context
    }
}
