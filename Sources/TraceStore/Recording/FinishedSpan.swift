/// A span that has ended, as it is stored and exported.
package struct FinishedSpan: Sendable, Equatable {
    /// With OpenTelemetry's numbers (opentelemetry/proto/trace/v1/trace.proto, SpanKind).
    package enum Kind: Int, Sendable {
        case `internal` = 1
        case server = 2
        case client = 3
        case producer = 4
        case consumer = 5
    }

    /// The attribute that names what a span is about, for instance an order's id.
    package static let subject = "signalbox.subject"
    static let longestName = 256

    package var context: SpanContext
    package var parent: SpanID?
    package var name: String
    package var kind: Kind
    /// Nanoseconds since 1970.
    package var start: UInt64
    package var end: UInt64
    package var attributes: SpanAttributeList
    package var outcome: SpanOutcome
    package var moments: [SpanMoment]
    package var links: [SpanContext]

    package init(
        context: SpanContext, parent: SpanID? = nil, name: String, kind: Kind, start: UInt64, end: UInt64,
        attributes: SpanAttributeList = [:], outcome: SpanOutcome = .unset, moments: [SpanMoment] = [], links: [SpanContext] = []
    ) {
        self.context = context
        self.parent = parent
        self.name = name.limited(to: Self.longestName)
        self.kind = kind
        self.start = start
        self.end = max(start, end)
        self.attributes = attributes
        self.outcome = outcome
        self.moments = moments
        self.links = links
    }

    /// About what it holds in memory, in bytes.
    var weight: Int {
        Self.ownWeight + name.utf8.count + attributes.weight + moments.reduce(0) { $0 + $1.weight } + links.count * Self.linkWeight
    }

    private static let ownWeight = 256
    private static let linkWeight = 64
}
