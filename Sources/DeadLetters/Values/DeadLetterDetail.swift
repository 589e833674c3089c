/// All of one dead letter.
package struct DeadLetterDetail: Codable, Sendable, Equatable {
    package var summary: DeadLetterSummary
    /// The whole cause.
    package var cause: String
    /// What is behind the cause, where the broker itself moved the message here.
    package var explanation: String?
    package var messageID: String?
    package var contentType: String?
    package var correlationID: String?
    /// The service that published it.
    package var source: String?
    /// ISO 8601.
    package var publishedAt: String?
    /// Values that are no text are written as JSON.
    package var headers: [String: String]
    /// As text, or base64 where it is not UTF-8. Of an edited letter, what will be sent back.
    package var body: String
    package var isBase64: Bool
    /// ISO 8601: when the body was edited.
    package var editedAt: String?
    /// The body as the broker has it, where it was edited.
    package var originalBody: String?
    /// Earlier dead letters of the same subject from the same queue: to send this one back alone would overtake them.
    package var before: [String]

    package init(
        summary: DeadLetterSummary, cause: String, explanation: String? = nil, messageID: String? = nil, contentType: String? = nil,
        correlationID: String? = nil, source: String? = nil, publishedAt: String? = nil, headers: [String: String] = [:], body: String,
        isBase64: Bool = false, editedAt: String? = nil, originalBody: String? = nil, before: [String] = []
    ) {
        self.summary = summary
        self.cause = cause
        self.explanation = explanation
        self.messageID = messageID
        self.contentType = contentType
        self.correlationID = correlationID
        self.source = source
        self.publishedAt = publishedAt
        self.headers = headers
        self.body = body
        self.isBase64 = isBase64
        self.editedAt = editedAt
        self.originalBody = originalBody
        self.before = before
    }

    private enum CodingKeys: String, CodingKey {
        case summary, cause, explanation, source, headers, body, before
        case messageID = "message_id"
        case contentType = "content_type"
        case correlationID = "correlation_id"
        case publishedAt = "published_at"
        case isBase64 = "is_base64"
        case editedAt = "edited_at"
        case originalBody = "original_body"
    }
}
