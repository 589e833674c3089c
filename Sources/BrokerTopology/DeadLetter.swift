/// A message that rests in a dead-letter queue, as far as it is shown.
package struct DeadLetter: Sendable, Equatable, Codable {
    /// The dead-letter queue.
    package var queue: String
    /// From 0 at the head.
    package var position: Int
    package var messageID: String?
    package var type: String?
    package var contentType: String?
    package var correlationID: String?
    /// The service that published it.
    package var source: String?
    /// Unix seconds.
    package var timestamp: Int?
    /// The queue it failed in, and could be sent back to.
    package var originQueue: String?
    package var attempts: Int?
    package var cause: String?
    package var firstFailedAt: String?
    /// Those whose values are texts, numbers or booleans.
    package var headers: [String: JSONScalar]
    /// Text, or base64 where it is not UTF-8; at most `BrokerAdministrator.shownPayload` bytes of it.
    package var payload: String
    package var isBase64: Bool
    package var payloadBytes: Int

    package enum CodingKeys: String, CodingKey {
        case queue, position, type, timestamp, attempts, cause, headers, payload, source
        case messageID = "message_id"
        case contentType = "content_type"
        case correlationID = "correlation_id"
        case originQueue = "origin_queue"
        case firstFailedAt = "first_failed_at"
        case isBase64 = "is_base64"
        case payloadBytes = "payload_bytes"
    }

    /// Headers that tell of a message's failures. Who sends one back to its origin leaves them out: RabbitMQ drops a message whose `x-death`
    /// says that it goes in a circle, and with its old attempts it would have none left.
    package static let failureHeaders: Set<String> = [
        "x-death", "x-first-death-exchange", "x-first-death-queue", "x-first-death-reason", "x-delivery-count", "signalbox-attempts",
        "signalbox-cause", "signalbox-origin-queue", "signalbox-first-failed-at",
    ]
}
