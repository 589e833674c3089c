import Yams

/// The text of a file, made into Yams' tree of nodes with their places.
struct YAMLSource {
    /// Characters; a topology of a hundred services has some tens of thousands.
    static let maximumLength = 1 << 20
    /// Yams stops at the first key that stands twice. So many are looked for.
    private static let maximumDuplicates = 50
    /// Take the place of keys that stand again further on. Private letters, of which no name in a topology has any, one a duplicate.
    private static let masks: ClosedRange<UInt32> = 0xE000...(0xE000 + UInt32(maximumDuplicates))

    private var scalars: [Unicode.Scalar]

    /// The root, or nil where the file holds no YAML at all; then the reason is in the log.
    static func compose(_ text: String, log: MistakeLog) -> Node? {
        guard text.utf8.count <= maximumLength else {
            log.report("the file is longer than \(maximumLength) bytes; a topology is not", line: 1, column: 1)
            return nil
        }
        var source = YAMLSource(scalars: Array(text.unicodeScalars))
        for mask in masks.dropLast() {
            do {
                return try Yams.Parser(yaml: source.text, encoding: .utf8).singleRoot()
            } catch let error as YamlError {
                guard let mask = Unicode.Scalar(mask), source.hide(duplicateIn: error, behind: mask, log: log) else {
                    source.report(error, log: log)
                    return nil
                }
            } catch {
                log.report("not valid YAML: \(error)", line: 1, column: 1)
                return nil
            }
        }
        log.report("more than \(maximumDuplicates) keys stand twice; keep one of each", line: 1, column: 1)
        return nil
    }

    /// Whether the key was masked by `compose` because it stands again further on in the same map.
    static func isMasked(_ key: String) -> Bool { key.unicodeScalars.first.map { masks.contains($0.value) } ?? false }

    private var text: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    /// Replaces the first of two equal keys by letters of the same width, so that the rest of the file can be read and its mistakes told as well.
    private mutating func hide(duplicateIn error: YamlError, behind mask: Unicode.Scalar, log: MistakeLog) -> Bool {
        guard case .duplicatedKeysInMapping(let duplicates, let context) = error, let key = duplicates.first,
            var index = index(line: context.mark.line, column: context.mark.column), index < scalars.count
        else { return false }
        if scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
        let name = Array(key.unicodeScalars)
        guard !name.isEmpty, scalars[index...].starts(with: name) else { return false }
        for offset in name.indices { scalars[index + offset] = mask }
        log.report(
            "the key \"\(key)\" stands more than once in this map; keep one of them", line: context.mark.line, column: context.mark.column)
        return true
    }

    private func report(_ error: YamlError, log: MistakeLog) {
        func report(_ context: YamlError.Context?, _ problem: String, _ mark: Mark) {
            let start = context.map { " (\($0.text), begun in line \($0.mark.line))" } ?? ""
            log.report(
                "not valid YAML: \(problem)\(start); check the indentation, quotes and brackets here and above", line: mark.line,
                column: mark.column)
        }
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            report(context, problem, mark)
        case .composer(let context, let problem, let mark, _):
            if context?.text.contains("single document") == true {
                log.report(
                    "a second YAML document begins here, expected one; remove \"---\" and what follows", line: mark.line,
                    column: mark.column)
            } else {
                log.report(
                    "not valid YAML: \(problem); name an anchor that stands above, or write the value out", line: mark.line,
                    column: mark.column)
            }
        case .reader(let problem, _, _, _):
            let place = firstUnprintable() ?? (1, 1)
            log.report(
                "not valid YAML: \(problem); remove the character, or write it as an escape in double quotes", line: place.0,
                column: place.1)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.map { "\"\($0)\"" }.joined(separator: ", ")
            log.report(
                "keys stand more than once in this map: \(names); keep one of each", line: context.mark.line, column: context.mark.column)
        default:
            log.report("not valid YAML: \(error)", line: 1, column: 1)
        }
    }

    private func index(line: Int, column: Int) -> Int? {
        var (currentLine, index) = (1, 0)
        while currentLine < line {
            guard index < scalars.count else { return nil }
            if Self.isBreak(scalars[index]) {
                if scalars[index] == "\r", index + 1 < scalars.count, scalars[index + 1] == "\n" { index += 1 }
                currentLine += 1
            }
            index += 1
        }
        let result = index + column - 1
        return result >= 0 && result < scalars.count ? result : nil
    }

    private func firstUnprintable() -> (line: Int, column: Int)? {
        var (line, column) = (1, 1)
        var previous: Unicode.Scalar = " "
        for scalar in scalars {
            guard Self.isPrintable(scalar) else { return (line, column) }
            if Self.isBreak(scalar) {
                if !(previous == "\r" && scalar == "\n") { line += 1 }
                column = 1
            } else {
                column += 1
            }
            previous = scalar
        }
        return nil
    }

    /// Line breaks as libYAML counts them.
    private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar)
    }

    /// What YAML 1.1 lets stand in a file unescaped (its section 5.1).
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }
}
