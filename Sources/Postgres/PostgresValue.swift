/// A value on its way to the server, or as it came back.
///
/// Values are sent as text without a type, so that the server takes the type from where the parameter stands: an `.int` goes into any
/// numeric column, a `.string` into uuid, timestamptz, jsonb or an enumeration. Where the place says nothing (`SELECT $1`,
/// `jsonb_build_object('k', $1)`), write a cast: `$1::bigint`.
public enum PostgresValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case bytes([UInt8])
    /// In the usual form of 36 characters.
    case uuid(String)
    /// JSON text.
    case json(String)
    /// Of one dimension.
    case array([PostgresValue])
}

extension PostgresValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(stringLiteral value: String) { self = .string(value) }
}

extension PostgresValue {
    /// As PostgreSQL reads it in text format; nil for null.
    var text: String? {
        switch self {
        case .null: nil
        case .bool(let value): value ? "t" : "f"
        case .int(let value): String(value)
        case .double(let value): Self.text(of: value)
        case .string(let value), .uuid(let value), .json(let value): value
        case .bytes(let value): Self.text(of: value)
        case .array(let values): Self.text(of: values)
        }
    }

    private static func text(of value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return "\(value)"
    }

    private static func text(of bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text = Array("\\x".utf8)
        text.reserveCapacity(2 + 2 * bytes.count)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Each element in quotes, so that none can pass for a separator, a null or a nested array.
    private static func text(of values: [PostgresValue]) -> String {
        let elements = values.map { value in
            guard let text = value.text else { return "NULL" }
            return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        }
        return "{" + elements.joined(separator: ",") + "}"
    }

    /// From the server's text, by the type of its column.
    init(text: String?, type: UInt32) {
        guard let text else {
            self = .null
            return
        }
        self =
            switch PostgresType(rawValue: type) {
            case .bool: .bool(text == "t")
            case .int2, .int4, .int8: Int64(text).map { .int($0) } ?? .string(text)
            case .float4, .float8: Double(text).map { .double($0) } ?? .string(text)
            case .bytea: PostgresText.bytes(text).map { .bytes($0) } ?? .string(text)
            case .uuid: .uuid(text)
            case .json, .jsonb: .json(text)
            case nil: .string(text)
            }
    }
}
