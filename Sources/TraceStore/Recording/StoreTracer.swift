package import Tracing

/// The tracer behind `withSpan`: spans go to a `SpanSink`, their contexts travel as W3C Trace Context.
package struct StoreTracer: Tracer {
    package static let traceparent = "traceparent"
    package static let tracestate = "tracestate"

    private let sampling: TraceSampling
    private let sink: SpanSink

    package init(sampling: TraceSampling, sink: SpanSink) {
        self.sampling = sampling
        self.sink = sink
    }

    package func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind, at instant: @autoclosure () -> Instant,
        function: String, file fileID: String, line: UInt
    ) -> StoreSpan {
        var context = context()
        let parent = context.spanContext
        let traceID = parent?.traceID ?? .random()
        let isSampled = sampling.isSampled(traceID: traceID, parent: parent, cause: .work)
        let own = SpanContext(traceID: traceID, spanID: .random(), isSampled: isSampled, state: parent?.state)
        context.spanContext = own
        return StoreSpan(
            name: operationName, context: context, spanContext: own, parent: parent?.spanID, kind: kind,
            start: isSampled ? instant().nanosecondsSinceEpoch : 0, sink: isSampled ? sink : nil)
    }

    @available(*, deprecated)
    package func forceFlush() {}

    package func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let traceparent = extractor.extract(key: Self.traceparent, from: carrier) else { return }
        context.spanContext = SpanContext(traceparent: traceparent, state: extractor.extract(key: Self.tracestate, from: carrier))
    }

    package func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let span = context.spanContext else { return }
        injector.inject(span.traceparent, forKey: Self.traceparent, into: &carrier)
        if let state = span.state { injector.inject(state, forKey: Self.tracestate, into: &carrier) }
    }
}
