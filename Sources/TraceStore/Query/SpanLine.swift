import FoundationEssentials

/// A line of a store's file, decoded.
enum SpanLine {
    /// A file's first line.
    struct Header: Decodable {
        var service: String
        var instance: String
    }

    private struct Document: Decodable {
        var traceId: String
        var spanId: String
        var parentSpanId: String?
        var name: String
        var kind: Int
        var startTimeUnixNano: String
        var endTimeUnixNano: String
        var attributes: [Attribute]?
        var status: Status?
    }

    private struct Status: Decodable {
        var code: Int?
        var message: String?
    }

    private struct Attribute: Decodable {
        var key: String
        var value: Value
    }

    private struct Value: Decodable {
        var stringValue: String?
        var intValue: String?
        var doubleValue: Number?
        var boolValue: Bool?
        var arrayValue: List?

        struct List: Decodable {
            var values: [Element]
            struct Element: Decodable { var stringValue: String? }
        }

        var text: String? {
            if let stringValue { return stringValue }
            if let intValue { return intValue }
            if let doubleValue { return doubleValue.text }
            if let boolValue { return "\(boolValue)" }
            return arrayValue.map { $0.values.compactMap(\.stringValue).joined(separator: ", ") }
        }
    }

    /// What no JSON number can be is written as text.
    private enum Number: Decodable {
        case number(Double)
        case name(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else {
                self = .name(try container.decode(String.self))
            }
        }

        var text: String {
            switch self {
            case .number(let number): "\(number)"
            case .name(let name): name
            }
        }
    }

    static func header(_ line: ArraySlice<UInt8>) -> Header? {
        try? JSONDecoder().decode(Header.self, from: Data(line))
    }

    /// Nil for what is no span: for instance a line that a process which was killed left unfinished.
    static func span(_ line: ArraySlice<UInt8>, of header: Header) -> RecordedSpan? {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(line)), let traceID = TraceID(document.traceId),
            let spanID = SpanID(document.spanId), let kind = FinishedSpan.Kind(rawValue: document.kind),
            let start = UInt64(document.startTimeUnixNano), let end = UInt64(document.endTimeUnixNano)
        else { return nil }
        var attributes: [String: String] = [:]
        for attribute in document.attributes ?? [] { attributes[attribute.key] = attribute.value.text }
        return RecordedSpan(
            service: header.service, instance: header.instance, traceID: traceID, spanID: spanID,
            parent: document.parentSpanId.flatMap { SpanID($0) }, name: document.name, kind: kind, start: start, end: end,
            attributes: attributes, error: document.status?.code == 2 ? document.status?.message ?? "" : nil)
    }

    /// Without decoding the rest.
    static func traceID(of line: ArraySlice<UInt8>) -> TraceID? {
        let prefix = OTLPText.traceIDPrefix.utf8
        guard line.starts(with: prefix) else { return nil }
        let digits = line.dropFirst(prefix.count).prefix(TraceID.digits)
        guard digits.count == TraceID.digits, let high = Hexadecimal.value(digits.prefix(16)),
            let low = Hexadecimal.value(digits.suffix(16))
        else { return nil }
        return TraceID(high: high, low: low)
    }
}
