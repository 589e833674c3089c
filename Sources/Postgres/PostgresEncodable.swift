public import FoundationEssentials

/// What can be a parameter of a statement.
public protocol PostgresEncodable: Sendable {
    var postgresValue: PostgresValue { get }

    /// How an array of these is sent. There is a default; `UInt8` differs, whose arrays are bytea.
    static func postgresValue(ofArray values: [Self]) -> PostgresValue
}

extension PostgresEncodable {
    public static func postgresValue(ofArray values: [Self]) -> PostgresValue {
        .array(values.map(\.postgresValue))
    }
}

extension PostgresValue: PostgresEncodable {
    public var postgresValue: PostgresValue { self }
}

extension Bool: PostgresEncodable {
    public var postgresValue: PostgresValue { .bool(self) }
}

extension Int: PostgresEncodable {
    public var postgresValue: PostgresValue { .int(Int64(self)) }
}

extension Int64: PostgresEncodable {
    public var postgresValue: PostgresValue { .int(self) }
}

extension Int32: PostgresEncodable {
    public var postgresValue: PostgresValue { .int(Int64(self)) }
}

extension UInt8: PostgresEncodable {
    public var postgresValue: PostgresValue { .int(Int64(self)) }
    public static func postgresValue(ofArray values: [UInt8]) -> PostgresValue { .bytes(values) }
}

extension Double: PostgresEncodable {
    public var postgresValue: PostgresValue { .double(self) }
}

extension String: PostgresEncodable {
    public var postgresValue: PostgresValue { .string(self) }
}

extension Substring: PostgresEncodable {
    public var postgresValue: PostgresValue { .string(String(self)) }
}

extension UUID: PostgresEncodable {
    public var postgresValue: PostgresValue { .uuid(uuidString) }
}

extension Data: PostgresEncodable {
    public var postgresValue: PostgresValue { .bytes(Array(self)) }
}

extension Date: PostgresEncodable {
    /// To the microsecond; a date that PostgreSQL cannot hold becomes an infinity.
    public var postgresValue: PostgresValue {
        .string(PostgresTimestamp.text(of: self) ?? (self < Date(timeIntervalSince1970: 0) ? "-infinity" : "infinity"))
    }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    public var postgresValue: PostgresValue { self?.postgresValue ?? .null }
}

extension Array: PostgresEncodable where Element: PostgresEncodable {
    public var postgresValue: PostgresValue { Element.postgresValue(ofArray: self) }
}
