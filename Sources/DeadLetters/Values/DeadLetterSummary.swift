/// One dead letter in a list.
package struct DeadLetterSummary: Codable, Sendable, Equatable {
    /// By which other commands name it.
    package var id: String
    /// Nil: it has none.
    package var messageID: String?
    /// The queue it came from and would be sent back to, not the dead-letter queue.
    package var queue: String
    package var type: String
    /// The key of its order; nil: it has none.
    package var subject: String?
    package var cause: String
    package var group: String
    package var attempts: Int
    /// ISO 8601.
    package var firstFailedAt: String?
    package var bodyBytes: Int
    package var isEdited: Bool

    package init(
        id: String, messageID: String? = nil, queue: String, type: String, subject: String? = nil, cause: String, group: String,
        attempts: Int,
        firstFailedAt: String? = nil, bodyBytes: Int, isEdited: Bool = false
    ) {
        self.id = id
        self.messageID = messageID
        self.queue = queue
        self.type = type
        self.subject = subject
        self.cause = cause
        self.group = group
        self.attempts = attempts
        self.firstFailedAt = firstFailedAt
        self.bodyBytes = bodyBytes
        self.isEdited = isEdited
    }

    private enum CodingKeys: String, CodingKey {
        case id, queue, type, subject, cause, group, attempts
        case messageID = "message_id"
        case firstFailedAt = "first_failed_at"
        case bodyBytes = "body_bytes"
        case isEdited = "edited"
    }
}
