/// Routing keys and the patterns by which a topic exchange compares them.
enum RoutingKey {
    /// Bytes that AMQP carries.
    static let maximumLength = 255

    static func isEventType(_ text: String) -> Bool {
        guard text.utf8.count <= maximumLength else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { word in
            !word.isEmpty
                && word.utf8.allSatisfy {
                    (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0) || [45, 95].contains($0)
                }
        }
    }

    /// Whether a topic exchange passes a message with the key on to a queue bound with the pattern: `*` is one word, `#` any number.
    static func matches(_ key: String, pattern: String) -> Bool {
        let words = Self.words(key)
        // For each number of the key's words: whether the pattern so far takes exactly these.
        var taken = [true] + Array(repeating: false, count: words.count)
        for part in Self.words(pattern) {
            if part == "#" {
                for index in words.indices where taken[index] { taken[index + 1] = true }
            } else {
                for index in words.indices.reversed() { taken[index + 1] = taken[index] && (part == "*" || part == words[index]) }
                taken[0] = false
            }
        }
        return taken[words.count]
    }

    static func words(_ key: String) -> [Substring] {
        key.isEmpty ? [] : key.split(separator: ".", omittingEmptySubsequences: false)
    }
}
