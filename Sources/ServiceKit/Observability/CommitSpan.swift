import TraceStore
import Tracing

/// The span of a COMMIT, which is where a transaction waits for the disk. Many traces may share one.
enum CommitSpan {
    /// - Parameter contexts: of the spans whose work was committed; those that are not recorded are passed over.
    static func record(_ contexts: some Sequence<ServiceContext>, since start: DefaultTracerClock.Timestamp) {
        for context in contexts where context.spanContext?.isSampled == true {
            let span = startSpan("COMMIT", context: context, ofKind: .client, at: start)
            span.attributes = ["db.system.name": "postgresql", "db.operation.name": "COMMIT"]
            span.end()
        }
    }
}
