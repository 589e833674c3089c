/// Regular expressions as RabbitMQ takes them in policies and permissions: unanchored unless they say otherwise.
enum BrokerPattern {
    /// The name itself.
    static func escaped(_ name: String) -> String {
        name.reduce(into: "") { result, character in
            if "\\^$.|?*+()[]{}".contains(character) { result += "\\" }
            result.append(character)
        }
    }

    /// Exactly one of the expressions; with none of them, nothing at all.
    static func any(of expressions: [String]) -> String {
        expressions.isEmpty ? "^$" : "^(\(expressions.joined(separator: "|")))$"
    }
}
