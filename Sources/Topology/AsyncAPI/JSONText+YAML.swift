/// The same value as block YAML. Texts stand in double quotes, as in JSON, unless no reader could take them for anything else.
extension JSONText {
    func yaml() -> String {
        switch self {
        case .object(let members) where !members.isEmpty: Self.lines(self, indent: "") + "\n"
        case .array(let values) where !values.isEmpty: Self.lines(self, indent: "") + "\n"
        default: written() + "\n"
        }
    }

    private static func lines(_ value: JSONText, indent: String) -> String {
        switch value {
        case .object(let members):
            members.map { name, value in
                "\(indent)\(scalar(name)):" + (isBlock(value) ? "\n" + lines(value, indent: indent + "  ") : " " + inline(value))
            }.joined(separator: "\n")
        case .array(let values):
            values.map { value in
                guard isBlock(value) else { return "\(indent)- \(inline(value))" }
                return "\(indent)- " + lines(value, indent: indent + "  ").dropFirst(indent.count + 2)
            }.joined(separator: "\n")
        default: indent + inline(value)
        }
    }

    private static func isBlock(_ value: JSONText) -> Bool {
        switch value {
        case .object(let members): !members.isEmpty
        case .array(let values): !values.isEmpty
        default: false
        }
    }

    private static func inline(_ value: JSONText) -> String {
        if case .string(let text) = value { return scalar(text) }
        return value.written()
    }

    /// Plain where it is letters, digits, `.`, `-` and `_` only, begins with a letter and means nothing else to YAML 1.1 or 1.2.
    private static func scalar(_ text: String) -> String {
        let words: Set<String> = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"]
        let isPlain =
            text.utf8.first.map { (97...122).contains($0) || (65...90).contains($0) } == true
            && text.utf8.allSatisfy {
                (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0) || [45, 46, 95].contains($0)
            }
        return isPlain && !words.contains(text.lowercased()) ? text : JSONText.string(text).written()
    }
}
