/// Lines at the bottom of a terminal that are drawn anew, with lasting lines above them. Elsewhere only the lasting lines are written.
struct LiveArea {
    private var drawn = 0

    /// - Parameters:
    ///   - lasting: written once, above.
    ///   - live: take the place of what was drawn before.
    mutating func draw(lasting: [String] = [], live: [String] = []) {
        guard Terminal.isInteractive else {
            Terminal.lines(lasting)
            return
        }
        var text = ""
        // Up to the first of the old lines, and clear from there to the end of the screen.
        if drawn > 0 { text += "\u{1B}[\(drawn)A\r\u{1B}[J" }
        text += lasting.map { $0 + "\n" }.joined()
        let live = live.map(Self.cut)
        text += live.map { $0 + "\n" }.joined()
        drawn = live.count
        if !text.isEmpty { Terminal.write(text) }
    }

    /// A line that wrapped would be counted as one and leave its rest behind. Colours take no room.
    private static func cut(_ line: String) -> String {
        guard let width = Terminal.width else { return line }
        var visible = 0
        var isEscape = false
        var result = ""
        for character in line {
            if character == "\u{1B}" { isEscape = true }
            if !isEscape {
                guard visible < width - 1 else { continue }
                visible += 1
            }
            result.append(character)
            if isEscape, character == "m" { isEscape = false }
        }
        return result
    }
}
