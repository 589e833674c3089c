import AMQP

/// Whether an exchange passes a message on by a binding.
enum BindingMatch {
    static func matches(_ binding: TestBinding, _ kind: TestExchange.Kind, key: String, headers: [String: AMQPValue]) -> Bool {
        switch kind {
        case .direct: binding.key == key
        case .fanout: true
        case .topic: topic(words(binding.key)[...], words(key)[...])
        case .headers: self.headers(binding.arguments, headers)
        }
    }

    private static func words(_ key: String) -> [Substring] {
        key.isEmpty ? [] : key.split(separator: ".", omittingEmptySubsequences: false)
    }

    /// `*` is one word, `#` any number of them.
    private static func topic(_ pattern: ArraySlice<Substring>, _ key: ArraySlice<Substring>) -> Bool {
        guard let part = pattern.first else { return key.isEmpty }
        let rest = pattern.dropFirst()
        if part == "#" {
            return (key.startIndex...key.endIndex).contains { topic(rest, key[$0...]) }
        }
        guard let word = key.first else { return false }
        return (part == "*" || part == word) && topic(rest, key.dropFirst())
    }

    /// A null in the binding asks only that the header is there.
    private static func headers(_ arguments: [String: AMQPValue], _ headers: [String: AMQPValue]) -> Bool {
        let match = arguments["x-match"]?.string ?? "all"
        let isWithX = match.hasSuffix("-with-x")
        let wanted = arguments.filter { $0.key != "x-match" && (isWithX || !$0.key.hasPrefix("x-")) }
        let isMet = { (name: String, value: AMQPValue) in
            guard let given = headers[name] else { return false }
            return value == .null || value == given
        }
        return match.hasPrefix("any") ? wanted.contains(where: isMet) : wanted.allSatisfy(isMet)
    }
}
