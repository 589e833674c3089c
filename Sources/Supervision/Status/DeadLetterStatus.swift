/// A message that rests in a dead-letter queue.
package struct DeadLetterStatus: Codable, Sendable, Equatable {
    /// The queue it came from, not the dead-letter queue.
    package var queue: String
    package var messageID: String?
    package var type: String?
    package var attempts: Int?
    package var cause: String?
    /// ISO 8601.
    package var firstFailedAt: String?
    package var headers: [String: String]
    package var body: String

    package init(
        queue: String, messageID: String? = nil, type: String? = nil, attempts: Int? = nil, cause: String? = nil,
        firstFailedAt: String? = nil, headers: [String: String] = [:], body: String
    ) {
        self.queue = queue
        self.messageID = messageID
        self.type = type
        self.attempts = attempts
        self.cause = cause
        self.firstFailedAt = firstFailedAt
        self.headers = headers
        self.body = body
    }

    private enum CodingKeys: String, CodingKey {
        case queue, type, attempts, cause, headers, body
        case messageID = "message_id"
        case firstFailedAt = "first_failed_at"
    }
}
