import AMQP
import FoundationEssentials
import Postgres

/// An event on its way from a commit to the broker.
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
    /// How often the broker returned it because no queue takes it.
    var attempts = 0
    var createdAt = Timestamp(microseconds: 0)

    func message(service: String) -> AMQPMessage {
        let time = headers[EventCodec.prefix + "time"]?.string.flatMap { Timestamp($0) } ?? createdAt
        return AMQPMessage(
            properties: AMQPProperties(
                messageID: eventID, type: type, contentType: EventCodec.contentType, appID: service, timestamp: time.seconds,
                headers: headers),
            body: body)
    }
}

extension OutboxRow {
    private enum HeaderValue: Codable {
        case text(String)
        case number(Int64)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int64.self) {
                self = .number(number)
            } else {
                self = .text(try container.decode(String.self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .number(let number): try container.encode(number)
            }
        }
    }

    var headersJSON: String {
        let values = headers.compactMapValues { value -> HeaderValue? in
            if let number = value.int { .number(number) } else { value.string.map { .text($0) } }
        }
        return (try? JSON.encoder().encode(values)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    static func headers(json: String) throws -> [String: AMQPValue] {
        try JSONDecoder().decode([String: HeaderValue].self, from: Data(json.utf8)).mapValues { value in
            switch value {
            case .text(let text): .string(text)
            case .number(let number): .int(number)
            }
        }
    }

    init(_ row: PostgresRow) throws {
        self.init(
            id: try row.get("id", as: Int.self), eventID: try row.get("event_id", as: String.self),
            type: try row.get("type", as: String.self),
            exchange: try row.get("exchange", as: String.self), routingKey: try row.get("routing_key", as: String.self),
            headers: try Self.headers(json: try row.get("headers", as: String.self)), body: try row.get("body", as: [UInt8].self),
            attempts: try row.get("attempts", as: Int.self),
            createdAt: Timestamp(microseconds: try row.get("created_at", as: Int64.self)))
    }

    /// For `OutboxTable.insert`.
    var insertParameters: [any PostgresEncodable] { [eventID, type, exchange, routingKey, headersJSON, body] }
}
