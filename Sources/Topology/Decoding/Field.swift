import Yams

/// A value of the file with its place, from which a typed value is read. A reading that fails is reported and gives nil, and decoding goes on.
struct Field {
    let node: Node
    let path: FieldPath
    let log: MistakeLog

    init(_ node: Node, path: FieldPath, key: Node? = nil, log: MistakeLog) {
        self.node = node
        self.path = path
        self.log = log
        log.remember(path, key: key.map(Self.place), value: Self.place(node))
    }

    static func place(_ node: Node) -> MistakeLog.Place {
        MistakeLog.Place(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    func report(_ message: String) {
        let name = path.description
        log.report(name.isEmpty ? message : "\(name): \(message)", at: Self.place(node))
    }

    /// `found "x", expected a duration such as 100ms`
    func reportFound(expected: String) {
        report("found \(found), expected \(expected)")
    }

    /// Written as nothing, `~` or `null`.
    var isNull: Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// A scalar's text as it is written.
    var scalarText: String? { node.scalar?.string }
    var isScalar: Bool { node.scalar != nil && !isNull }
    var isList: Bool { node.sequence != nil }
    var isMap: Bool { node.mapping != nil }

    /// What stands there, for a person.
    var found: String {
        switch node {
        case .scalar(let scalar): isNull ? "nothing" : "\"\(Self.shortened(scalar.string))\""
        case .sequence: "a list"
        case .mapping: "a map"
        case .alias: "an alias"
        }
    }

    private static func shortened(_ text: String) -> String {
        let line = text.prefix { !$0.isNewline }
        return line.count > 60 || line.count < text.count ? line.prefix(60) + "…" : text
    }
}

extension Field {
    /// Any scalar as it is written: a plain `8080` or `true` is text too.
    func string(expected: String = "text") -> String? {
        guard case .scalar(let scalar) = node, !isNull else {
            reportFound(expected: expected)
            return nil
        }
        guard !scalar.string.contains("\0") else {
            report("the text holds a NUL character, which nothing can be handed; remove it")
            return nil
        }
        return scalar.string
    }

    func nonemptyString(expected: String = "text") -> String? {
        guard let text = string(expected: expected) else { return nil }
        guard !text.isEmpty else {
            reportFound(expected: expected)
            return nil
        }
        return text
    }

    func integer(in range: ClosedRange<Int>) -> Int? {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let text = string(expected: expected) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            reportFound(expected: expected)
            return nil
        }
        return number
    }

    func number(in range: ClosedRange<Double>) -> Double? {
        let expected = "a number from \(range.lowerBound.trimmed) to \(range.upperBound.trimmed)"
        guard let text = string(expected: expected) else { return nil }
        guard let number = Double(text), range.contains(number) else {
            reportFound(expected: expected)
            return nil
        }
        return number
    }

    func boolean() -> Bool? {
        guard let text = string(expected: "true or false") else { return nil }
        switch text {
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default:
            reportFound(expected: "true or false")
            return nil
        }
    }

    func duration(in range: ClosedRange<Duration>) -> Duration? {
        let expected =
            "a duration from \(DurationText.write(range.lowerBound)) to \(DurationText.write(range.upperBound)), such as 100ms, 1s, 2m or 1h"
        guard let text = string(expected: expected) else { return nil }
        guard let duration = DurationText.read(text), range.contains(duration) else {
            let bare = Double(text) != nil && text != "0"
            reportFound(expected: bare ? "\(expected); a unit is missing: \(text)s?" : expected)
            return nil
        }
        return duration
    }

    func size(in range: ClosedRange<Int>) -> Int? {
        let expected = "a size of at least \(SizeText.write(range.lowerBound)), such as 256M or 2G"
        guard let text = string(expected: expected) else { return nil }
        guard let size = SizeText.read(text), range.contains(size) else {
            reportFound(expected: expected)
            return nil
        }
        return size
    }

    func choice<Choice: RawRepresentable & CaseIterable>(_ type: Choice.Type) -> Choice? where Choice.RawValue == String {
        let known = type.allCases.map(\.rawValue)
        let expected = known.count == 1 ? known[0] : known.dropLast().joined(separator: ", ") + " or " + known[known.count - 1]
        guard let text = string(expected: expected) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            report("found \(found), expected \(expected)\(SpellingAid.question(text, in: known))")
            return nil
        }
        return choice
    }
}

extension Field {
    /// The entries of a list; nothing written is an empty list.
    func list(of expected: String) -> [Field] {
        if isNull { return [] }
        guard let sequence = node.sequence else {
            reportFound(expected: isScalar ? "a list of \(expected); write [\(node.scalar?.string ?? "")]" : "a list of \(expected)")
            return []
        }
        return sequence.enumerated().map { Field($1, path: path / $0, log: log) }
    }

    /// A list of texts in which none stands twice.
    func strings(of expected: String) -> [String] {
        var seen: Set<String> = []
        return list(of: expected).compactMap { entry in
            guard let text = entry.nonemptyString(expected: expected) else { return nil }
            guard seen.insert(text).inserted else {
                entry.report("\"\(text)\" stands twice in this list; keep one of them")
                return nil
            }
            return text
        }
    }

    /// The names and values of a map, merged (`<<`) ones after its own; nothing written is an empty map.
    func entries(expected: String) -> [(name: String, key: Node, value: Field)] {
        if isNull { return [] }
        guard let mapping = node.mapping else {
            reportFound(expected: expected)
            return []
        }
        var seen: Set<String> = []
        return unmergedPairs(of: mapping, depth: 0).compactMap { key, value in
            guard let name = key.scalar?.string else {
                log.report("\(path): found \(key.mapping != nil ? "a map" : "a list") as a key, expected a name", at: Self.place(key))
                return nil
            }
            guard !YAMLSource.isMasked(name), seen.insert(name).inserted else { return nil }
            return (name, key, Field(value, path: path / name, key: key, log: log))
        }
    }

    private func unmergedPairs(of mapping: Node.Mapping, depth: Int) -> [(Node, Node)] {
        let isMerge = { (key: Node) in key.scalar?.string == "<<" && key.scalar?.style == .plain }
        var pairs = mapping.filter { !isMerge($0.key) }.map { ($0.key, $0.value) }
        // A merge within a merged map within a merged map is all that anybody could follow.
        guard depth < 4 else { return pairs }
        for merge in mapping where isMerge(merge.key) {
            switch merge.value {
            case .mapping(let other):
                pairs += unmergedPairs(of: other, depth: depth + 1)
            case .sequence(let others):
                pairs += others.compactMap(\.mapping).flatMap { unmergedPairs(of: $0, depth: depth + 1) }
            default:
                log.report("\(path): \"<<\" takes a map or a list of maps, such as *defaults", at: Self.place(merge.value))
            }
        }
        return pairs
    }

    /// The words of a command: a list, or one text that is split as a shell would.
    func words(expected: String = "a command, such as \"shop order\" or [shop, order]") -> [String]? {
        if isList {
            let words = list(of: "words").map { $0.string(expected: "text") }
            guard let first = words.first, first != "" else {
                reportFound(expected: words.isEmpty ? "\(expected), found an empty list" : expected)
                return nil
            }
            return words.contains(nil) ? nil : words.compactMap(\.self)
        }
        guard let text = nonemptyString(expected: expected) else { return nil }
        do {
            let words = try ShellWords.split(text)
            guard let first = words.first, !first.isEmpty else {
                reportFound(expected: expected)
                return nil
            }
            return words
        } catch {
            report("found \(found): \(error.message)")
            return nil
        }
    }
}

extension Double {
    /// Without the fraction where there is none.
    fileprivate var trimmed: String { self == rounded() && abs(self) < 1e15 ? String(Int(self)) : String(self) }
}
