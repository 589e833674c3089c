import Admin
import FoundationEssentials

/// Prints log lines of several instances, each once.
actor LogPrinter {
    private static let colours: [TerminalStyle.Colour] = [.cyan, .green, .yellow]

    private let isJSON: Bool
    private let style: TerminalStyle
    private let nameWidth: Int
    private var lastTime: [String: String] = [:]
    /// By service: what is older has been shown, or was not asked for.
    private var begin: [String: String] = [:]
    private var colourOfService: [String: TerminalStyle.Colour] = [:]

    init(isJSON: Bool, style: TerminalStyle, nameWidth: Int) {
        self.isJSON = isJSON
        self.style = style
        self.nameWidth = nameWidth
    }

    /// Ends the past of a service: of what comes from now on, only what is newer than the last line shown, or than now, is new.
    func endPast(of service: String, at last: String?) {
        begin[service] = last ?? Date.now.ISO8601Format(.iso8601(timeZone: .gmt, includingFractionalSeconds: true))
    }

    /// Times have microseconds: two lines of one instance at the same one are rarer than a line shown twice would be annoying.
    func showIfNew(_ line: LogLine) {
        guard line.time > max(lastTime["\(line.service)/\(line.instance)"] ?? "", begin[line.service] ?? "") else { return }
        show(line)
    }

    func show(_ line: LogLine) {
        let name = "\(line.service)/\(line.instance)"
        lastTime[name] = max(line.time, lastTime[name] ?? "")
        guard !isJSON else {
            if let data = try? JSONEncoder.admin().encode(line) { Terminal.line(String(decoding: data, as: UTF8.self)) }
            return
        }
        let padding = String(repeating: " ", count: max(0, nameWidth - name.count))
        let text = line.stream == "err" ? style.paint(line.text, .red) : line.text
        Terminal.line(style.paint(name + padding + "│", colour(of: line.service)) + " " + text)
    }

    private func colour(of service: String) -> TerminalStyle.Colour {
        if let colour = colourOfService[service] { return colour }
        let colour = Self.colours[colourOfService.count % Self.colours.count]
        colourOfService[service] = colour
        return colour
    }
}
