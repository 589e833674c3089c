internal import Synchronization
package import Tracing

/// A span of `StoreTracer`: handed to its sink when it ends. One that is not sampled records nothing, and only carries its context on.
package final class StoreSpan: Span {
    static let maximumMoments = 32
    static let maximumLinks = 32
    static let longestMessage = 1024

    private struct State {
        var name: String
        var attributes: SpanAttributes = [:]
        var outcome = SpanOutcome.unset
        var moments: [SpanMoment] = []
        var links: [SpanContext] = []
        var hasEnded = false
    }

    package let context: ServiceContext
    package let isRecording: Bool
    let spanContext: SpanContext
    private let parent: SpanID?
    private let kind: SpanKind
    private let start: UInt64
    private let sink: SpanSink?
    private let state: Mutex<State>

    /// - Parameter sink: nil where nothing is recorded.
    init(
        name: String, context: ServiceContext, spanContext: SpanContext, parent: SpanID?, kind: SpanKind, start: UInt64, sink: SpanSink?
    ) {
        self.context = context
        self.spanContext = spanContext
        self.parent = parent
        self.kind = kind
        self.start = start
        self.sink = sink
        isRecording = sink != nil
        state = Mutex(State(name: name))
    }

    package var operationName: String {
        get { state.withLock { $0.name } }
        set { change { $0.name = newValue } }
    }

    package var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set { change { $0.attributes = newValue } }
    }

    package func setStatus(_ status: SpanStatus) {
        change { state in
            state.outcome =
                switch status.code {
                case .ok: .ok
                case .error: status.message.map { .error($0.limited(to: Self.longestMessage)) } ?? state.outcome.orFailed
                }
        }
    }

    package func addEvent(_ event: SpanEvent) {
        change { state in
            guard state.moments.count < Self.maximumMoments else { return }
            state.moments.append(
                SpanMoment(name: event.name, time: event.nanosecondsSinceEpoch, attributes: SpanAttributeList(event.attributes)))
        }
    }

    package func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        guard isRecording else { return }
        let message = "\(error)".limited(to: Self.longestMessage)
        var list = SpanAttributeList(attributes)
        list.add("exception.type", .string("\(type(of: error))"))
        list.add("exception.message", .string(message))
        let moment = SpanMoment(name: "exception", time: instant().nanosecondsSinceEpoch, attributes: list)
        change { state in
            // What the code itself said of the span is more exact.
            if state.outcome == .unset { state.outcome = .error(message) }
            if state.moments.count < Self.maximumMoments { state.moments.append(moment) }
        }
    }

    package func addLink(_ link: SpanLink) {
        guard let context = link.context.spanContext else { return }
        change { if $0.links.count < Self.maximumLinks { $0.links.append(context) } }
    }

    package func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        guard let sink else { return }
        let end = instant().nanosecondsSinceEpoch
        let finished: FinishedSpan? = state.withLock { state in
            guard !state.hasEnded else { return nil }
            state.hasEnded = true
            return FinishedSpan(
                context: spanContext, parent: parent, name: state.name, kind: FinishedSpan.Kind(kind), start: start, end: end,
                attributes: SpanAttributeList(state.attributes), outcome: state.outcome, moments: state.moments, links: state.links)
        }
        if let finished { sink.record(finished) }
    }

    private func change(_ body: (inout State) -> Void) {
        guard isRecording else { return }
        state.withLock { state in
            if !state.hasEnded { body(&state) }
        }
    }
}

extension FinishedSpan.Kind {
    init(_ kind: SpanKind) {
        switch kind {
        case .internal: self = .internal
        case .server: self = .server
        case .client: self = .client
        case .producer: self = .producer
        case .consumer: self = .consumer
        }
    }
}
