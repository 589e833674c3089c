/// Whether a span is recorded.
package struct TraceSampling: Sendable {
    /// What begins a trace.
    package enum Cause: Sendable {
        /// A request that changes nothing.
        case read
        /// Anything else.
        case work
    }

    enum Root: Sendable {
        case all
        case none
        /// This share of the traces, chosen by their ids: every process that goes by the same share chooses the same ones.
        case share(Double)
        /// As many a second as the budget has.
        case budget(TraceBudget)
    }

    /// Whether a span's parent decides, where it has one.
    var followsParent: Bool
    var root: Root

    /// Every trace, up to what a process can record without being felt.
    package static func budgeted() -> TraceSampling { TraceSampling(followsParent: true, root: .budget(TraceBudget())) }

    package static let everything = TraceSampling(followsParent: false, root: .all)

    /// By OpenTelemetry's variables OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG (specification, "SDK environment variables"); without
    /// them, and for a sampler of which this knows nothing, within the budget.
    package init(sampler: String?, argument: String?) {
        let share = argument.flatMap(Double.init).map { min(max($0, 0), 1) } ?? 1
        switch sampler {
        case "always_on": self.init(followsParent: false, root: .all)
        case "always_off": self.init(followsParent: false, root: .none)
        case "traceidratio": self.init(followsParent: false, root: .share(share.isNaN ? 1 : share))
        case "parentbased_always_on": self.init(followsParent: true, root: .all)
        case "parentbased_always_off": self.init(followsParent: true, root: .none)
        case "parentbased_traceidratio": self.init(followsParent: true, root: .share(share.isNaN ? 1 : share))
        default: self = .budgeted()
        }
    }

    init(followsParent: Bool, root: Root) {
        self.followsParent = followsParent
        self.root = root
    }

    /// - Parameter parent: nil begins a trace.
    package func isSampled(traceID: TraceID, parent: SpanContext?, cause: Cause) -> Bool {
        if followsParent, let parent { return parent.isSampled }
        return beginsSampled(traceID: traceID, cause: cause)
    }

    /// For the one who stands at the edge, where a client's wish decides nothing.
    package func isSampledAtEdge(traceID: TraceID, parent: SpanContext?, cause: Cause) -> Bool {
        if case .budget = root { return beginsSampled(traceID: traceID, cause: cause) }
        return isSampled(traceID: traceID, parent: parent, cause: cause)
    }

    private func beginsSampled(traceID: TraceID, cause: Cause) -> Bool {
        switch root {
        case .all: true
        case .none: false
        // The last 63 bits, as the other implementations of OpenTelemetry have it.
        case .share(let share): Double(traceID.low >> 1) < share * 0x1p63
        case .budget(let budget): budget.take(for: cause)
        }
    }
}
