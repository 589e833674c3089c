import Glibc
import Logging
import TraceStore
import Tracing

/// The service's tracer, and where its spans go: the local store that the supervisor names, and a collector where one is named.
final class ServiceTracing: Sendable {
    private let tracer: StoreTracer
    let sink: SpanSink
    /// The service has an instrument of its own, which gets the spans instead.
    private let isReplaced: Bool

    init(environment: ServiceEnvironment, logger: Logger) {
        let settings = TraceSettings(environment.values)
        sink = SpanSink(
            resource: TraceResource(service: environment.service, instance: String(environment.instance), process: getpid()),
            settings: settings)
        tracer = StoreTracer(sampling: settings.sampling, sink: sink)
        isReplaced = !(InstrumentationSystem.instrument is NoOpInstrument)
        for complaint in settings.complaints { logger.warning("\(complaint)") }
        if let folder = settings.folder, access(folder, W_OK | X_OK) != 0 {
            logger.warning("No traces are kept: their folder cannot be written to", metadata: ["folder": "\(folder)"])
        }
    }

    /// Runs `body` so that `withSpan` in it, and in the tasks that it begins, records spans.
    func run<Result>(_ body: () async throws -> Result) async throws -> Result {
        if isReplaced { return try await body() }
        return try await withTracer(tracer, body)
    }

    /// Brings the counts of spans up to date.
    func report(to metrics: Metrics) {
        let counts = sink.counts
        metrics.set(.spans, to: Double(counts.recorded))
        metrics.set(.spansExported, to: Double(counts.exported))
        metrics.set(.spansDropped, ["store"], to: Double(counts.droppedByStore))
        metrics.set(.spansDropped, ["collector"], to: Double(counts.droppedByExporter))
    }

    /// Writes what is there still.
    func close() async {
        await sink.close()
    }
}
