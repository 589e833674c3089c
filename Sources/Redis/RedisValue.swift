/// An answer of Redis (RESP2).
public enum RedisValue: Sendable, Hashable {
    case null
    case string([UInt8])
    case int(Int64)
    case array([RedisValue])
    /// A simple string: "OK".
    case status(String)
    /// A command of a pipeline or of a transaction that was refused; elsewhere such errors are thrown.
    case error(RedisError)

    public var bytes: [UInt8]? {
        if case .string(let bytes) = self { bytes } else { nil }
    }

    /// A string as text, or a status.
    public var text: String? {
        switch self {
        case .string(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let text): text
        default: nil
        }
    }

    /// An integer, or a string that is one: counters are read as such by GET and MGET.
    public var int: Int64? {
        switch self {
        case .int(let value): value
        case .string(let bytes): Int64(String(decoding: bytes, as: UTF8.self))
        default: nil
        }
    }

    public var array: [RedisValue]? {
        if case .array(let values) = self { values } else { nil }
    }

    public var isNull: Bool { self == .null }
}
