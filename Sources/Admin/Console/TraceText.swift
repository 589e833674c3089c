package import TraceStore

/// Traces for a person at a terminal: a tree, with each span's time, its place in the trace, its length and how it ended.
package struct TraceText {
    /// How the time of a trace's beginning is shown.
    private let clock: (UInt64) -> String
    private let style: TerminalStyle
    private let width: Int?

    /// - Parameters:
    ///   - width: of the terminal in columns; longer lines are cut. Nil: they are not.
    ///   - clock: nanoseconds since 1970 as a time of the day.
    package init(style: TerminalStyle, width: Int? = nil, clock: @escaping (UInt64) -> String) {
        self.style = style
        self.width = width
        self.clock = clock
    }

    package func lines(_ tree: TraceTree) -> [String] {
        tree.traces.enumerated().flatMap { index, trace in (index == 0 ? [] : [""]) + lines(trace) }
    }

    private func lines(_ trace: TraceTree.Trace) -> [String] {
        let spans = trace.rows.count == 1 ? "1 span" : "\(trace.rows.count) spans"
        let services = trace.services == 1 ? "1 service" : "\(trace.services) services"
        let subjects = Set(trace.rows.compactMap(\.span.subject))
        let about = subjects.count == 1 ? subjects.first.map { "  about \(Self.printable($0))" } ?? "" : ""
        let head = "trace \(trace.id)\(about)  \(spans) of \(services) in \(Self.duration(trace.end - trace.start))"
        var table = TextTable("TIME", "OFFSET", "TOOK", "SERVICE", "STATUS", "WHAT")
        for row in trace.rows {
            let span = row.span
            let status = Self.status(of: span)
            table.add(
                TextTable.Cell(clock(span.start), .dim), TextTable.Cell("+" + Self.duration(span.start - trace.start)),
                TextTable.Cell(Self.duration(span.nanoseconds), span.nanoseconds >= Self.long ? .yellow : nil),
                TextTable.Cell(Self.printable("\(span.service)/\(span.instance)"), .cyan),
                TextTable.Cell(Self.printable(status), span.error != nil ? .red : status == Self.fine ? .green : nil),
                TextTable.Cell(Self.branch(row) + Self.what(row, isSubjectTold: subjects.count == 1), span.error != nil ? .red : nil))
        }
        return [style.paint(head, .bold)] + table.lines(style: style, width: width)
    }

    private static let fine = "ok"
    /// Nanoseconds that catch the eye.
    private static let long: UInt64 = 1_000_000_000

    private static func status(of span: RecordedSpan) -> String {
        if let code = span.attributes["http.response.status_code"] { return code }
        return span.error == nil ? fine : "error"
    }

    private static func branch(_ row: TraceTree.Row) -> String {
        guard row.depth > 0, let own = row.continues.last else { return "" }
        return row.continues.dropFirst().dropLast().map { $0 ? "│  " : "   " }.joined() + (own ? "├─ " : "└─ ")
    }

    private static func what(_ row: TraceTree.Row, isSubjectTold: Bool) -> String {
        var text = printable(row.span.name)
        if let type = row.span.attributes["signalbox.event.type"] { text += " \(printable(type))" }
        if !isSubjectTold, let subject = row.span.subject { text += " (\(printable(subject)))" }
        if let error = row.span.error, !error.isEmpty { text += ": \(printable(error))" }
        if row.isOrphan { text += " [what caused it is not recorded]" }
        return text
    }

    /// What a service wrote is not to steer the terminal.
    private static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "\u{FFFD}" : $0 }))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }

    /// Three figures, in the unit that fits.
    static func duration(_ nanoseconds: UInt64) -> String {
        switch nanoseconds {
        case ..<1_000: "\(nanoseconds) ns"
        case ..<1_000_000: figures(Double(nanoseconds) / 1e3) + " µs"
        case ..<1_000_000_000: figures(Double(nanoseconds) / 1e6) + " ms"
        case ..<120_000_000_000: figures(Double(nanoseconds) / 1e9) + " s"
        default: "\(nanoseconds / 60_000_000_000) min"
        }
    }

    private static func figures(_ value: Double) -> String {
        let places = value < 10 ? 100.0 : value < 100 ? 10.0 : 1.0
        let rounded = (value * places).rounded() / places
        return places == 1 ? "\(Int(rounded))" : "\(rounded)"
    }
}
