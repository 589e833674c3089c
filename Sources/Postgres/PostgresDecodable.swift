public import FoundationEssentials

/// What a column can be read as.
public protocol PostgresDecodable: Sendable {
    /// From the server's text; nil when it is not of this type.
    init?(postgresText text: String)

    /// What null is read as; nil where null is a mistake.
    static var postgresNull: Self? { get }

    /// How an array of these is read. There is a default; `UInt8` differs, whose arrays are bytea.
    static func postgresArray(_ text: String) -> [Self]?
}

extension PostgresDecodable {
    public static var postgresNull: Self? { nil }

    public static func postgresArray(_ text: String) -> [Self]? {
        guard let elements = PostgresText.array(text) else { return nil }
        var values: [Self] = []
        values.reserveCapacity(elements.count)
        for element in elements {
            guard let value = element.map({ Self(postgresText: $0) }) ?? postgresNull else { return nil }
            values.append(value)
        }
        return values
    }
}

extension Bool: PostgresDecodable {
    public init?(postgresText text: String) {
        switch text {
        case "t": self = true
        case "f": self = false
        default: return nil
        }
    }
}

extension Int: PostgresDecodable {
    public init?(postgresText text: String) { self.init(text) }
}

extension Int64: PostgresDecodable {
    public init?(postgresText text: String) { self.init(text) }
}

extension Int32: PostgresDecodable {
    public init?(postgresText text: String) { self.init(text) }
}

extension UInt8: PostgresDecodable {
    public init?(postgresText text: String) { self.init(text) }
    public static func postgresArray(_ text: String) -> [UInt8]? { PostgresText.bytes(text) }
}

extension Double: PostgresDecodable {
    public init?(postgresText text: String) { self.init(text) }
}

extension String: PostgresDecodable {
    public init?(postgresText text: String) { self = text }
}

extension UUID: PostgresDecodable {
    public init?(postgresText text: String) { self.init(uuidString: text) }
}

extension Data: PostgresDecodable {
    public init?(postgresText text: String) {
        guard let bytes = PostgresText.bytes(text) else { return nil }
        self.init(bytes)
    }
}

extension Date: PostgresDecodable {
    public init?(postgresText text: String) {
        guard let date = PostgresTimestamp.date(text) else { return nil }
        self = date
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    public init?(postgresText text: String) {
        guard let value = Wrapped(postgresText: text) else { return nil }
        self = .some(value)
    }

    public static var postgresNull: Wrapped?? { .some(nil) }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
    public init?(postgresText text: String) {
        guard let values = Element.postgresArray(text) else { return nil }
        self = values
    }
}
