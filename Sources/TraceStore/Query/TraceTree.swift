/// Spans of one or more traces in the order in which a person reads them: each below the one that caused it.
package struct TraceTree: Sendable, Equatable {
    /// Spans below it are shown as if they stood beside each other.
    static let maximumDepth = 60

    package struct Row: Sendable, Equatable {
        package var span: RecordedSpan
        /// 0: nothing recorded caused it.
        package var depth: Int
        /// For each of the depths before it, whether a later sibling of the ancestor at that depth follows; its own is the last.
        package var continues: [Bool]
        /// It names a parent, and that is not there: its process was killed before it wrote it, or it was cleared, or it is another
        /// system's.
        package var isOrphan: Bool
    }

    package struct Trace: Sendable, Equatable {
        package var id: TraceID
        package var rows: [Row]
        /// Nanoseconds since 1970.
        package var start: UInt64
        package var end: UInt64

        package var services: Int { Set(rows.map(\.span.service)).count }
    }

    /// The earliest first.
    package let traces: [Trace]

    package init(_ spans: [RecordedSpan]) {
        traces = Dictionary(grouping: spans) { $0.traceID }.map { Self.trace($0, $1) }
            .sorted { ($0.start, $0.id.description) < ($1.start, $1.id.description) }
    }

    private static func trace(_ id: TraceID, _ spans: [RecordedSpan]) -> Trace {
        var known: [SpanID: RecordedSpan] = [:]
        for span in spans where known[span.spanID] == nil { known[span.spanID] = span }
        let ordered = known.values.sorted { ($0.start, $0.end, $0.spanID.value) < ($1.start, $1.end, $1.spanID.value) }
        var children: [SpanID: [RecordedSpan]] = [:]
        var roots: [RecordedSpan] = []
        for span in ordered {
            if let parent = span.parent, parent != span.spanID, known[parent] != nil {
                children[parent, default: []].append(span)
            } else {
                roots.append(span)
            }
        }
        var builder = Builder(children: children, known: Set(known.keys))
        for (index, root) in roots.enumerated() { builder.add(root, isLast: index == roots.count - 1) }
        // What is left are rings, which only a broken clock of identifiers can make: each is shown from its earliest span on.
        for span in ordered where !builder.shown.contains(span.spanID) { builder.add(span, isLast: true) }
        return Trace(id: id, rows: builder.rows, start: ordered.first?.start ?? 0, end: ordered.map(\.end).max() ?? 0)
    }

    private struct Builder {
        let children: [SpanID: [RecordedSpan]]
        let known: Set<SpanID>
        var rows: [Row] = []
        var shown: Set<SpanID> = []

        init(children: [SpanID: [RecordedSpan]], known: Set<SpanID>) {
            self.children = children
            self.known = known
        }

        /// Without recursion: a chain of spans may be as long as it likes.
        mutating func add(_ root: RecordedSpan, isLast: Bool) {
            var stack: [(span: RecordedSpan, continues: [Bool])] = [(root, [!isLast])]
            while let (span, continues) = stack.popLast() {
                guard shown.insert(span.spanID).inserted else { continue }
                let isOrphan = span.parent.map { !known.contains($0) } ?? false
                rows.append(Row(span: span, depth: continues.count - 1, continues: continues, isOrphan: isOrphan))
                let below = (children[span.spanID] ?? []).filter { !shown.contains($0.spanID) }
                for (index, child) in below.enumerated().reversed() {
                    let above = continues.count > TraceTree.maximumDepth ? continues.dropLast() : continues[...]
                    stack.append((child, Array(above) + [index < below.count - 1]))
                }
            }
        }
    }
}
