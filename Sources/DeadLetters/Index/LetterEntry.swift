import AMQP

/// One dead letter that is held: what is needed to list, choose and settle it. Its message is in the spool.
struct LetterEntry: Sendable {
    /// Characters of the cause that are kept here; all of it is in the message.
    static let shownCause = 200

    var key: LetterKey
    var type: String
    var subject: String
    var cause: String
    /// `GroupID` of queue, cause and type.
    var group: UInt32
    var attempts: Int
    /// Seconds since 1970.
    var firstFailedAt: Int64?
    var publishedAt: Int64?
    var bodyBytes: Int
    var replayID: String?
    /// Nil: there was no room for its message.
    var place: Spool.Place?
    /// Which of its channel's consumers holds it.
    var holder: Int
    var settle: @Sendable (AMQPDelivery.Settlement) async -> Void
}

/// Eight hexadecimal digits that name a group of dead letters, the same at each start.
enum GroupID {
    static func of(queue: String, pattern: String, type: String) -> UInt32 {
        var hash = ContentHash()
        for part in [queue, pattern, type] { hash.add(part.utf8) }
        return UInt32(truncatingIfNeeded: hash.value >> 16)
    }

    static func text(_ group: UInt32) -> String { LetterKey.hexadecimal(UInt64(group), digits: 8) }
}
