/// One mistake in a topology file: where it is, what was found there, what was expected, and what to do.
package struct TopologyMistake: Error, Sendable, Hashable, Codable, CustomStringConvertible {
    package var file: String
    /// From 1.
    package var line: Int
    /// From 1, in Unicode scalars.
    package var column: Int
    package var message: String

    package init(file: String, line: Int, column: Int, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    package var description: String { "\(file):\(line):\(column): error: \(message)" }
}

extension TopologyMistake: Comparable {
    package static func < (left: Self, right: Self) -> Bool {
        (left.file, left.line, left.column, left.message) < (right.file, right.line, right.column, right.message)
    }
}

/// Every mistake in a topology file, in the file's order.
package struct TopologyMistakes: Error, Sendable, Equatable, CustomStringConvertible {
    package var mistakes: [TopologyMistake]

    package init(_ mistakes: [TopologyMistake]) {
        self.mistakes = mistakes.sorted()
    }

    package var description: String { mistakes.map(\.description).joined(separator: "\n") }
}
