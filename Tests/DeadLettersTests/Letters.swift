import AMQP
import Logging
import TestSupport

@testable import DeadLetters

extension LetterEntry {
    static func test(
        _ id: String, subject: String = "", cause: String = "c", type: String = "t", at time: Int64? = nil, content: UInt64 = 1,
        replayID: String? = nil, place: Spool.Place?
    ) -> LetterEntry {
        LetterEntry(
            key: LetterKey(messageID: id, content: content), type: type, subject: subject, cause: cause,
            group: GroupID.of(queue: "q", pattern: CausePattern.of(cause), type: type), attempts: 1, firstFailedAt: time, publishedAt: nil,
            bodyBytes: 1, replayID: replayID, place: place, holder: 0, settle: { _ in })
    }
}

func aPlace() throws -> Spool.Place {
    let spool = try Spool(folder: "/tmp")
    return Spool.Place(spool: spool, offset: 0, length: 0)
}

extension AMQPMessage {
    /// As a service writes it to its dead-letter queue.
    static func dead(_ id: String, subject: String = "", cause: String = "no stock", body: String = "{}") -> AMQPMessage {
        var headers: [String: AMQPValue] = [
            "signalbox-attempts": 3, "signalbox-cause": .string(cause), "signalbox-origin-queue": "q",
            "signalbox-first-failed-at": .string(LetterTime.text(LetterTime.now)), "cloudEvents:id": .string(id),
        ]
        if !subject.isEmpty { headers["cloudEvents:subject"] = .string(subject) }
        return AMQPMessage(
            properties: AMQPProperties(
                messageID: id, type: "order.created", contentType: "application/json", appID: "order", headers: headers),
            body: Array(body.utf8))
    }
}

extension Logger {
    static var quiet: Logger {
        var logger = Logger(label: "dead-letters.tests")
        logger.logLevel = .critical
        return logger
    }
}

/// For what takes milliseconds on a quiet machine; this one may be busy.
var soon: ContinuousClock.Instant { .now + .seconds(60) }
