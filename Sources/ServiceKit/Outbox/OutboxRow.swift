import AMQP
import FoundationEssentials
import Postgres

/// A message on its way from a commit to the broker.
struct OutboxRow: Sendable, Equatable {
    /// 0 until PostgreSQL has given it one.
    var id = 0
    var eventID: String
    var type: String
    var exchange: String
    var routingKey: String
    /// Text and whole numbers only.
    var headers: [String: AMQPValue]
    var body: [UInt8]
    /// Of one key, the next is sent when the one before is confirmed; empty: no order.
    var orderingKey = ""
    /// `StoredProperties` of a message that came from elsewhere and is passed on as it was; nil: an event of this service.
    var properties: String?
    /// How often the broker returned it because no queue takes it.
    var attempts = 0
    /// How often the broker did not take it for any other reason.
    var refusals = 0
    var createdAt = Timestamp(microseconds: 0)

    func message(service: String) -> AMQPMessage {
        if let properties, let properties = try? StoredProperties.properties(properties) {
            return AMQPMessage(properties: properties, body: body)
        }
        let time = headers[EventCodec.prefix + "time"]?.string.flatMap { Timestamp($0) } ?? createdAt
        return AMQPMessage(
            properties: AMQPProperties(
                messageID: eventID, type: type, contentType: EventCodec.contentType, appID: service, timestamp: time.seconds,
                headers: headers),
            body: body)
    }
}

extension OutboxRow {
    var headersJSON: String {
        FlatJSON.text(
            of: headers.compactMap { name, value in
                if let number = value.int { return (name.storable, .number(number)) }
                return value.string.map { (name.storable, .text($0.storable)) }
            })
    }

    /// - Throws: `ServiceError` where the column holds anything else than this service writes there.
    static func headers(json: String) throws -> [String: AMQPValue] {
        guard let members = FlatJSON.members(of: json) else {
            throw ServiceError(.invalidEvent, "The outbox holds headers that are no object of texts and whole numbers.")
        }
        return Dictionary(
            members.map { name, value in
                switch value {
                case .text(let text): (name, .string(text))
                case .number(let number): (name, .int(number))
                }
            }, uniquingKeysWith: { _, last in last })
    }

    /// By the places of `OutboxTable.columns`.
    init(_ row: PostgresRow) throws {
        self.init(
            id: try row.get(0), eventID: try row.get(1), type: try row.get(2), exchange: try row.get(3), routingKey: try row.get(4),
            headers: try Self.headers(json: try row.get(5)), body: try row.get(6), orderingKey: try row.get(7), properties: try row.get(8),
            attempts: try row.get(9), refusals: try row.get(10), createdAt: Timestamp(microseconds: try row.get(11)))
    }

    /// For `OutboxTable.insert`.
    var insertParameters: [any PostgresEncodable] {
        [eventID, type, exchange, routingKey, headersJSON, body, orderingKey, properties, createdAt]
    }

    /// How long it was on its way.
    func age(at now: Timestamp) -> Duration {
        .microseconds(max(0, now.microseconds - createdAt.microseconds))
    }
}
