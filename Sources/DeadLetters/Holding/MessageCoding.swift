import AMQP

/// A message as bytes, with all its properties, for the spool.
enum MessageCoding {
    private enum Tag: UInt8 {
        case null, bool, int, double, string, bytes, timestamp, array, table
    }

    /// Of tables in tables: the broker's own limit is far below.
    private static let deepest = 32

    static func encode(_ message: AMQPMessage) -> [UInt8] {
        var writer = Writer()
        let properties = message.properties
        for text in [
            properties.messageID, properties.correlationID, properties.replyTo, properties.type, properties.contentType,
            properties.contentEncoding, properties.appID, properties.userID,
        ] { writer.optional(text) { $0.text($1) } }
        writer.optional(properties.expiration) {
            $0.number($1.components.seconds * 1000 + $1.components.attoseconds / 1_000_000_000_000_000)
        }
        writer.optional(properties.timestamp) { $0.number($1) }
        writer.optional(properties.priority) { $0.number(Int64($1)) }
        writer.bytes.append(properties.isPersistent ? 1 : 0)
        writer.table(properties.headers)
        writer.data(message.body)
        return writer.bytes
    }

    /// Nil: these are not the bytes of a message.
    static func decode(_ bytes: [UInt8]) -> AMQPMessage? {
        var reader = Reader(rest: bytes[...])
        var properties = AMQPProperties()
        guard let messageID = reader.optional({ $0.text() }), let correlationID = reader.optional({ $0.text() }),
            let replyTo = reader.optional({ $0.text() }), let type = reader.optional({ $0.text() }),
            let contentType = reader.optional({ $0.text() }), let contentEncoding = reader.optional({ $0.text() }),
            let appID = reader.optional({ $0.text() }), let userID = reader.optional({ $0.text() }),
            let expiration = reader.optional({ $0.number() }), let timestamp = reader.optional({ $0.number() }),
            let priority = reader.optional({ $0.number() }), let isPersistent = reader.byte(), let headers = reader.table(depth: 0),
            let body = reader.data()
        else { return nil }
        properties.messageID = messageID
        properties.correlationID = correlationID
        properties.replyTo = replyTo
        properties.type = type
        properties.contentType = contentType
        properties.contentEncoding = contentEncoding
        properties.appID = appID
        properties.userID = userID
        properties.expiration = expiration.map { .milliseconds($0) }
        properties.timestamp = timestamp
        properties.priority = priority.map { UInt8(clamping: $0) }
        properties.isPersistent = isPersistent == 1
        properties.headers = headers
        return AMQPMessage(properties: properties, body: body)
    }

    private struct Writer {
        var bytes: [UInt8] = []

        mutating func number(_ value: Int64) {
            var rest = UInt64(bitPattern: value)
            for _ in 0..<8 {
                bytes.append(UInt8(truncatingIfNeeded: rest))
                rest >>= 8
            }
        }

        mutating func data(_ data: some Collection<UInt8>) {
            number(Int64(data.count))
            bytes += data
        }

        mutating func text(_ text: String) { data(text.utf8) }

        mutating func optional<T>(_ value: T?, _ write: (inout Writer, T) -> Void) {
            bytes.append(value == nil ? 0 : 1)
            if let value { write(&self, value) }
        }

        mutating func table(_ table: [String: AMQPValue]) {
            number(Int64(table.count))
            for (name, value) in table {
                text(name)
                self.value(value)
            }
        }

        mutating func value(_ value: AMQPValue) {
            func tag(_ tag: Tag) { bytes.append(tag.rawValue) }
            switch value {
            case .null: tag(.null)
            case .bool(let value):
                tag(.bool)
                bytes.append(value ? 1 : 0)
            case .int(let value):
                tag(.int)
                number(value)
            case .double(let value):
                tag(.double)
                number(Int64(bitPattern: value.bitPattern))
            case .string(let value):
                tag(.string)
                text(value)
            case .bytes(let value):
                tag(.bytes)
                data(value)
            case .timestamp(let value):
                tag(.timestamp)
                number(value)
            case .array(let values):
                tag(.array)
                number(Int64(values.count))
                for value in values { self.value(value) }
            case .table(let values):
                tag(.table)
                table(values)
            }
        }
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func byte() -> UInt8? { rest.popFirst() }

        mutating func number() -> Int64? {
            guard rest.count >= 8 else { return nil }
            var value: UInt64 = 0
            for (shift, byte) in rest.prefix(8).enumerated() { value |= UInt64(byte) << UInt64(shift * 8) }
            rest = rest.dropFirst(8)
            return Int64(bitPattern: value)
        }

        mutating func data() -> [UInt8]? {
            guard let count = number(), count >= 0, count <= rest.count else { return nil }
            defer { rest = rest.dropFirst(Int(count)) }
            return Array(rest.prefix(Int(count)))
        }

        mutating func text() -> String? { data().map { String(decoding: $0, as: UTF8.self) } }

        /// The outer nil: it cannot be read.
        mutating func optional<T>(_ read: (inout Reader) -> T?) -> T?? {
            guard let flag = byte() else { return nil }
            guard flag == 1 else { return .some(nil) }
            return read(&self).map { .some($0) }
        }

        mutating func table(depth: Int) -> [String: AMQPValue]? {
            guard depth <= deepest, let count = number(), count >= 0, count <= rest.count else { return nil }
            var table: [String: AMQPValue] = [:]
            for _ in 0..<count {
                guard let name = text(), let value = value(depth: depth) else { return nil }
                table[name] = value
            }
            return table
        }

        mutating func value(depth: Int) -> AMQPValue? {
            guard depth <= deepest, let tag = byte().flatMap(Tag.init) else { return nil }
            switch tag {
            case .null: return .null
            case .bool: return byte().map { .bool($0 == 1) }
            case .int: return number().map { .int($0) }
            case .double: return number().map { .double(Double(bitPattern: UInt64(bitPattern: $0))) }
            case .string: return text().map { .string($0) }
            case .bytes: return data().map { .bytes($0) }
            case .timestamp: return number().map { .timestamp($0) }
            case .array:
                guard let count = number(), count >= 0, count <= rest.count else { return nil }
                var values: [AMQPValue] = []
                for _ in 0..<count {
                    guard let value = value(depth: depth + 1) else { return nil }
                    values.append(value)
                }
                return .array(values)
            case .table: return table(depth: depth + 1).map { .table($0) }
            }
        }
    }
}
