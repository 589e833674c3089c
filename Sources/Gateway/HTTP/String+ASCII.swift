extension StringProtocol {
    /// Whether the two are the same but for the case of ASCII letters, as names of headers are compared.
    func equalsIgnoringCase(_ other: some StringProtocol) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        return zip(utf8, other.utf8).allSatisfy { $0 == $1 || ($0 | 0x20 == $1 | 0x20 && ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7a) }
    }

    /// The list's members (`a, b`), without the spaces around them.
    var commaSeparated: [String] {
        split(separator: ",").map { String($0.trimmingSpaces) }.filter { !$0.isEmpty }
    }

    var trimmingSpaces: SubSequence {
        guard let first = firstIndex(where: { $0 != " " && $0 != "\t" }), let last = lastIndex(where: { $0 != " " && $0 != "\t" }) else {
            return self[endIndex..<endIndex]
        }
        return self[first...last]
    }
}
