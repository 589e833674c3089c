import AMQP

/// What a message says of itself and of its failures.
struct LetterReading: Equatable {
    enum Header {
        static let attempts = "signalbox-attempts"
        static let cause = "signalbox-cause"
        static let origin = "signalbox-origin-queue"
        static let firstFailed = "signalbox-first-failed-at"
        static let replay = "signalbox-replay"
        static let edited = "signalbox-edited"
    }

    static let unknownCause = "no cause was noted"

    var messageID: String
    var type: String
    /// The key of its order; empty: it has none.
    var subject: String
    var cause: String
    var attempts: Int
    /// Seconds since 1970.
    var firstFailedAt: Int64?
    /// Only looked for where the time of the first failure is not known.
    var publishedAt: Int64?
    /// Of the replay that it has failed after.
    var replayID: String?

    init(_ message: AMQPMessage) {
        let properties = message.properties
        func attribute(_ name: String) -> String? {
            (properties.headers["cloudEvents:" + name] ?? properties.headers["cloudEvents_" + name])?.string
        }
        let death = DeathExplanation(properties.headers)
        messageID = properties.messageID ?? attribute("id") ?? ""
        type = properties.type ?? attribute("type") ?? death?.routingKey ?? ""
        subject = attribute("subject") ?? ""
        cause = properties.headers[Header.cause]?.string ?? death?.cause ?? Self.unknownCause
        attempts = properties.headers[Header.attempts]?.int.flatMap { Int(exactly: $0) }.map { max(0, $0) } ?? 0
        firstFailedAt = properties.headers[Header.firstFailed]?.string.flatMap(LetterTime.seconds) ?? death?.time
        publishedAt = firstFailedAt == nil ? Self.publishedAt(message) : nil
        replayID = properties.headers[Header.replay]?.string
    }

    static func publishedAt(_ message: AMQPMessage) -> Int64? {
        let headers = message.properties.headers
        return (headers["cloudEvents:time"] ?? headers["cloudEvents_time"])?.string.flatMap(LetterTime.seconds)
            ?? message.properties.timestamp
    }
}
