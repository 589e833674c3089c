import AMQP
import FoundationEssentials

/// A message's properties as JSON text, whatever they hold: for messages that rest in the service's tables on their way.
enum StoredProperties {
    static func text(of properties: AMQPProperties) throws -> String {
        // PostgreSQL's text can hold the escape, which is what the encoder makes of a NUL.
        String(decoding: try JSONEncoder().encode(Document(properties)), as: UTF8.self)
    }

    static func properties(_ text: String) throws -> AMQPProperties {
        try JSONDecoder().decode(Document.self, from: Data(text.utf8)).properties
    }

    private struct Document: Codable {
        var messageID: String?
        var correlationID: String?
        var replyTo: String?
        var type: String?
        var contentType: String?
        var contentEncoding: String?
        var appID: String?
        /// Milliseconds.
        var expiration: Int64?
        var timestamp: Int64?
        var priority: UInt8?
        var isPersistent: Bool
        var headers: [String: Value]

        enum CodingKeys: String, CodingKey {
            case messageID = "message_id"
            case correlationID = "correlation_id"
            case replyTo = "reply_to"
            case contentType = "content_type"
            case contentEncoding = "content_encoding"
            case appID = "app_id"
            case isPersistent = "persistent"
            case type, expiration, timestamp, priority, headers
        }

        init(_ properties: AMQPProperties) {
            messageID = properties.messageID
            correlationID = properties.correlationID
            replyTo = properties.replyTo
            type = properties.type
            contentType = properties.contentType
            contentEncoding = properties.contentEncoding
            appID = properties.appID
            expiration = properties.expiration.map { Int64($0.inSeconds * 1000) }
            timestamp = properties.timestamp
            priority = properties.priority
            isPersistent = properties.isPersistent
            headers = properties.headers.mapValues { Value($0) }
        }

        var properties: AMQPProperties {
            AMQPProperties(
                messageID: messageID, correlationID: correlationID, replyTo: replyTo, type: type, contentType: contentType,
                contentEncoding: contentEncoding, appID: appID, expiration: expiration.map { .milliseconds($0) }, timestamp: timestamp,
                priority: priority, isPersistent: isPersistent, headers: headers.mapValues(\.amqp))
        }
    }

    /// A header's value with its type.
    private indirect enum Value: Codable {
        case null
        case bool(Bool)
        case int(Int64)
        case double(Double)
        case string(String)
        case bytes([UInt8])
        case timestamp(Int64)
        case array([Value])
        case table([String: Value])

        private enum Kind: String, CodingKey {
            case null, bool, int, double, string, bytes, timestamp, array, table
        }

        init(_ value: AMQPValue) {
            self =
                switch value {
                case .null: .null
                case .bool(let value): .bool(value)
                case .int(let value): .int(value)
                case .double(let value): .double(value)
                case .string(let value): .string(value)
                case .bytes(let value): .bytes(value)
                case .timestamp(let value): .timestamp(value)
                case .array(let values): .array(values.map { Value($0) })
                case .table(let values): .table(values.mapValues { Value($0) })
                }
        }

        var amqp: AMQPValue {
            switch self {
            case .null: .null
            case .bool(let value): .bool(value)
            case .int(let value): .int(value)
            case .double(let value): .double(value)
            case .string(let value): .string(value)
            case .bytes(let value): .bytes(value)
            case .timestamp(let value): .timestamp(value)
            case .array(let values): .array(values.map(\.amqp))
            case .table(let values): .table(values.mapValues(\.amqp))
            }
        }

        /// Strings and whole numbers, which nearly all headers are, stand as they are; others as an object that names their type.
        init(from decoder: any Decoder) throws {
            if let container = try? decoder.container(keyedBy: Kind.self), let kind = container.allKeys.first {
                self =
                    switch kind {
                    case .null: .null
                    case .bool: .bool(try container.decode(Bool.self, forKey: kind))
                    case .int: .int(try container.decode(Int64.self, forKey: kind))
                    // JSON has no infinities.
                    case .double: .double(Double(bitPattern: try container.decode(UInt64.self, forKey: kind)))
                    case .string: .string(try container.decode(String.self, forKey: kind))
                    case .bytes: .bytes([UInt8](try container.decode(Data.self, forKey: kind)))
                    case .timestamp: .timestamp(try container.decode(Int64.self, forKey: kind))
                    case .array: .array(try container.decode([Value].self, forKey: kind))
                    case .table: .table(try container.decode([String: Value].self, forKey: kind))
                    }
                return
            }
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .string(text)
            } else {
                self = .int(try container.decode(Int64.self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .string(let value):
                var container = encoder.singleValueContainer()
                return try container.encode(value)
            case .int(let value):
                var container = encoder.singleValueContainer()
                return try container.encode(value)
            default: break
            }
            var container = encoder.container(keyedBy: Kind.self)
            switch self {
            case .null: try container.encode(true, forKey: .null)
            case .bool(let value): try container.encode(value, forKey: .bool)
            case .int(let value): try container.encode(value, forKey: .int)
            case .double(let value): try container.encode(value.bitPattern, forKey: .double)
            case .string(let value): try container.encode(value, forKey: .string)
            case .bytes(let value): try container.encode(Data(value), forKey: .bytes)
            case .timestamp(let value): try container.encode(value, forKey: .timestamp)
            case .array(let values): try container.encode(values, forKey: .array)
            case .table(let values): try container.encode(values, forKey: .table)
            }
        }
    }
}
