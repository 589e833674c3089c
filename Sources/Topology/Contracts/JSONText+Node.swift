import Yams

extension JSONText {
    /// Deeper is no schema that anybody wrote.
    private static let maximumDepth = 100

    /// JSON read as the YAML that it is too. Nil where it is none, or too deep.
    init?(_ node: Node, depth: Int = 0) {
        guard depth < Self.maximumDepth else { return nil }
        switch node {
        case .scalar(let scalar) where scalar.style != .plain: self = .string(scalar.string)
        case .scalar(let scalar):
            switch scalar.string {
            case "true": self = .boolean(true)
            case "false": self = .boolean(false)
            case "null": self = .null
            case let text:
                if let number = Int(text) {
                    self = .integer(number)
                } else if let number = Double(text), number.isFinite {
                    self = .number(number)
                } else {
                    return nil
                }
            }
        case .sequence(let entries):
            var values: [JSONText] = []
            for entry in entries {
                guard let value = JSONText(entry, depth: depth + 1) else { return nil }
                values.append(value)
            }
            self = .array(values)
        case .mapping(let entries):
            var members: [(String, JSONText)] = []
            for (key, value) in entries {
                guard let name = key.scalar?.string, let value = JSONText(value, depth: depth + 1) else { return nil }
                members.append((name, value))
            }
            self = .object(members)
        case .alias: return nil
        }
    }
}
