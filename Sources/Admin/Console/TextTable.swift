/// Rows under headings, each column as wide as it must be.
package struct TextTable: Sendable {
    package struct Cell: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
        package var text: String
        package var colour: TerminalStyle.Colour?

        package init(_ text: String, _ colour: TerminalStyle.Colour? = nil) {
            self.text = text
            self.colour = colour
        }

        package init(stringLiteral value: String) { self.init(value) }

        package static func number(_ value: Int) -> Cell { Cell(String(value)) }
    }

    private static let gap = "  "

    private var headings: [String]
    private var rows: [[Cell]] = []

    package init(_ headings: String...) { self.headings = headings }

    /// - Parameter cells: as many as there are headings.
    package mutating func add(_ cells: Cell...) { rows.append(cells) }

    package var isEmpty: Bool { rows.isEmpty }

    /// - Parameter width: of the terminal in columns; the last column is cut to fit. Nil: nothing is cut.
    package func lines(style: TerminalStyle, width: Int? = nil) -> [String] {
        var widths = headings.map(\.count)
        for row in rows {
            for (column, cell) in row.enumerated() where column < widths.count { widths[column] = max(widths[column], cell.text.count) }
        }
        if let width, let last = widths.indices.last {
            let others = widths.dropLast().reduce(0) { $0 + $1 + Self.gap.count }
            widths[last] = max(min(widths[last], width - others), headings[last].count)
        }
        let head = headings.map { Cell($0, .bold) }
        return ([head] + rows).map { line($0, widths, style) }
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ style: TerminalStyle) -> String {
        var line = ""
        for (column, cell) in cells.enumerated() where column < widths.count {
            let isLast = column == widths.count - 1
            let text = cell.text.count > widths[column] ? String(cell.text.prefix(max(0, widths[column] - 1))) + "…" : cell.text
            // Padding stands outside of the colour, and a line never ends in blanks.
            line += style.paint(text, cell.colour) + (isLast ? "" : String(repeating: " ", count: widths[column] - text.count) + Self.gap)
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}
