/// Which dead letter of a queue, however often the broker delivers it: its message id, and what is in it. Two letters with the same key are
/// copies of each other.
package struct LetterKey: Hashable, Sendable, Codable {
    /// Empty for a message without one.
    package var messageID: String
    package var content: UInt64

    package init(messageID: String, content: UInt64) {
        self.messageID = messageID
        self.content = content
    }

    private enum CodingKeys: String, CodingKey {
        case messageID = "m"
        case content = "c"
    }

    static let separator: Character = "~"

    /// With the content: names it also where several letters have the same message id, or none.
    var fullID: String { "\(messageID)\(Self.separator)\(shortContent)" }

    /// The first eight of sixteen digits.
    var shortContent: String { Self.hexadecimal(content >> 32, digits: 8) }

    static func hexadecimal(_ value: UInt64, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
