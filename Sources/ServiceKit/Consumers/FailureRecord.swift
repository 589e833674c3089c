import AMQP

/// What a message carries of its failures, for the person who finds it in the dead-letter queue.
struct FailureRecord: Sendable, Equatable {
    static let attemptsHeader = "signalbox-attempts"
    static let causeHeader = "signalbox-cause"
    static let originHeader = "signalbox-origin-queue"
    static let firstFailedHeader = "signalbox-first-failed-at"
    /// Characters of the cause that are kept.
    static let longestCause = 1000
    /// The broker's own notes about deaths and deliveries; they would be wrong on a message that is published anew.
    private static let brokerPrefix = "x-"

    var attempts: Int
    var cause: String
    var originQueue: String
    var firstFailedAt: Timestamp

    init(attempts: Int, cause: String, originQueue: String, firstFailedAt: Timestamp) {
        self.attempts = attempts
        self.cause = String(cause.prefix(Self.longestCause))
        self.originQueue = originQueue
        self.firstFailedAt = firstFailedAt
    }

    /// The same message with this record on it.
    func applied(to message: AMQPMessage) -> AMQPMessage {
        var message = message
        message.properties.expiration = nil
        message.properties.isPersistent = true
        // The broker refuses a message in another user's name.
        message.properties.userID = nil
        message.properties.headers = message.properties.headers.filter { !$0.key.hasPrefix(Self.brokerPrefix) }
        message.properties.headers[Self.attemptsHeader] = .int(Int64(attempts))
        message.properties.headers[Self.causeHeader] = .string(cause)
        message.properties.headers[Self.originHeader] = .string(originQueue)
        message.properties.headers[Self.firstFailedHeader] = .string(firstFailedAt.description)
        return message
    }

    /// Attempts that were made before; 0 for a message that never failed, and where the header is nonsense.
    static func attempts(of headers: [String: AMQPValue]) -> Int {
        headers[attemptsHeader]?.int.flatMap { Int(exactly: $0) }.map { max(0, min($0, Int(Int32.max))) } ?? 0
    }
}
