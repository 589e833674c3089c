extension Story {
    /// For a person at a terminal.
    /// - Parameters:
    ///   - width: of the terminal in columns; longer sentences are broken between words. Nil: they are not.
    ///   - clock: how a time is shown.
    package func lines(style: TerminalStyle, width: Int? = nil, clock: (String) -> String) -> [String] {
        var lines = now.enumerated().flatMap { index, sentence in
            Self.wrapped(sentence, width: width, indent: 0).map { index == 0 ? style.paint($0, .bold) : $0 }
        }
        let times = events.map { clock($0.time) }
        let column = (times.map(\.count).max() ?? 0) + 2
        if !events.isEmpty { lines.append("") }
        for (event, time) in zip(events, times) {
            let parts = Self.wrapped(event.text, width: width, indent: column)
            let padding = String(repeating: " ", count: column - time.count)
            for (index, part) in parts.enumerated() {
                let text = style.paint(part, Self.colour(event.importance))
                lines.append(index == 0 ? style.paint(time, .dim) + padding + text : String(repeating: " ", count: column) + text)
            }
        }
        if !advice.isEmpty { lines.append("") }
        for sentence in advice {
            lines += Self.wrapped("→ " + sentence, width: width, indent: 0).map { style.paint($0, .cyan) }
        }
        return lines
    }

    private static func colour(_ importance: Event.Importance) -> TerminalStyle.Colour? {
        switch importance {
        case .ordinary: nil
        case .good: .green
        case .bad: .red
        }
    }

    private static let narrowest = 20

    private static func wrapped(_ text: String, width: Int?, indent: Int) -> [String] {
        guard let width, width - indent >= narrowest else { return [text] }
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width - indent {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        lines.append(line)
        return lines
    }
}
