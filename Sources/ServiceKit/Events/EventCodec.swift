import AMQP
import FoundationEssentials

/// CloudEvents 1.0 in binary mode over AMQP 0-9-1. CloudEvents defines AMQP 1.0 only; this mapping is ours: the attributes are headers
/// `cloudEvents:<name>`, and those that AMQP has a property for stand there too.
enum EventCodec {
    static let prefix = "cloudEvents:"
    /// As written by clients whose headers may have no colon (CloudEvents over AMQP 1.0 allows both).
    static let alternativePrefix = "cloudEvents_"
    static let contentType = "application/json"
    static let specificationVersion = "1.0"
    static let traceparent = "traceparent"

    static func headers(of event: EventMetadata) -> [String: AMQPValue] {
        var headers: [String: AMQPValue] = [
            prefix + "specversion": .string(specificationVersion),
            prefix + "id": .string(event.id),
            prefix + "type": .string(event.type),
            prefix + "source": .string(event.source),
            prefix + "time": .string(Timestamp(event.time).description),
            prefix + "dataversion": .int(Int64(event.version)),
        ]
        if event.minimumReaderVersion != event.version {
            headers[prefix + "dataminversion"] = .int(Int64(event.minimumReaderVersion))
        }
        if !event.subject.isEmpty { headers[prefix + "subject"] = .string(event.subject) }
        if let value = event.traceparent { headers[traceparent] = .string(value) }
        return headers
    }

    static func message(_ event: EventMetadata, body: [UInt8], service: String) -> AMQPMessage {
        AMQPMessage(
            properties: AMQPProperties(
                messageID: event.id, type: event.type, contentType: contentType, appID: service, timestamp: Timestamp(event.time).seconds,
                headers: headers(of: event)),
            body: body)
    }

    /// What the message says of itself. Only an id is indispensable; a publisher that knows nothing of CloudEvents needs no more than
    /// `message_id`.
    ///
    /// - Parameter routingKey: the type of an event that names none.
    static func metadata(of message: AMQPMessage, routingKey: String) throws(ServiceError) -> EventMetadata {
        let properties = message.properties
        func attribute(_ name: String) -> AMQPValue? {
            properties.headers[prefix + name] ?? properties.headers[alternativePrefix + name]
        }
        func text(_ name: String) -> String? {
            attribute(name)?.string.flatMap { $0.isEmpty ? nil : $0 }
        }
        guard let id = properties.messageID ?? text("id"), !id.isEmpty else {
            throw ServiceError(
                .invalidEvent,
                "The message has no message_id and no cloudEvents:id, so that nobody could tell a second delivery from a second event.")
        }
        func number(_ name: String) -> Int? { attribute(name)?.int.flatMap { Int(exactly: $0) } }
        let time = text("time").flatMap { Timestamp($0) } ?? properties.timestamp.map { Timestamp(seconds: $0) } ?? .now
        return EventMetadata(
            id: id, type: properties.type ?? text("type") ?? routingKey, source: text("source") ?? properties.appID.map { "/\($0)" } ?? "",
            subject: text("subject") ?? "", time: time.date, version: number("dataversion") ?? 1,
            traceparent: properties.headers[traceparent]?.string, attempt: FailureRecord.attempts(of: properties.headers) + 1,
            minimumReaderVersion: number("dataminversion"))
    }
}
