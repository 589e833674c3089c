import Admin
import FoundationEssentials

/// Prints log lines of several instances.
struct LogPrinter {
    private static let colours: [TerminalStyle.Colour] = [.cyan, .green, .yellow, .magenta, .blue]

    private let isJSON: Bool
    private let showsTimes: Bool
    private let style: TerminalStyle
    /// Grows with the longest name seen: lines that come later stand under those that came before.
    private var nameWidth: Int
    private var colourOfService: [String: TerminalStyle.Colour] = [:]

    init(isJSON: Bool, showsTimes: Bool, style: TerminalStyle, nameWidth: Int = 0) {
        self.isJSON = isJSON
        self.showsTimes = showsTimes
        self.style = style
        self.nameWidth = nameWidth
    }

    mutating func show(_ lines: [LogLine]) {
        guard !isJSON else {
            let encoder = JSONEncoder.admin()
            Terminal.lines(lines.compactMap { try? String(decoding: encoder.encode($0), as: UTF8.self) })
            return
        }
        nameWidth = max(nameWidth, lines.map { Self.name($0).count }.max() ?? 0)
        Terminal.lines(lines.map { self.line($0) })
    }

    private mutating func line(_ line: LogLine) -> String {
        let name = Self.name(line)
        let padding = String(repeating: " ", count: max(0, nameWidth + 1 - name.count))
        let time = showsTimes ? style.paint(Self.clock(line.time), .dim) + " " : ""
        return time + style.paint(name + padding + "│", colour(of: line.service)) + " " + style.paint(line.text, Self.colour(line))
    }

    private static func name(_ line: LogLine) -> String { "\(line.service)/\(line.instance)" }

    private static func clock(_ time: String) -> String { LocalTime.text(time, format: .log) ?? time }

    private static func colour(_ line: LogLine) -> TerminalStyle.Colour? {
        switch LogLevel(word: line.level) {
        case .error, .critical: .red
        case .warning: .yellow
        case .trace, .debug: .dim
        case .info, .notice, nil: nil
        }
    }

    private mutating func colour(of service: String) -> TerminalStyle.Colour {
        if let colour = colourOfService[service] { return colour }
        let colour = Self.colours[colourOfService.count % Self.colours.count]
        colourOfService[service] = colour
        return colour
    }
}
