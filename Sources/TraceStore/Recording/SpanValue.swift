import Tracing

/// What an attribute of a span can hold.
package enum SpanValue: Sendable, Equatable {
    case string(String)
    case int(Int64)
    case double(Double)
    case bool(Bool)
    case strings([String])

    /// Nil for what OpenTelemetry has no attribute for.
    init?(_ attribute: SpanAttribute) {
        switch attribute {
        case .string(let value): self = .string(value)
        case .int32(let value): self = .int(Int64(value))
        case .int64(let value): self = .int(value)
        case .double(let value): self = .double(value)
        case .bool(let value): self = .bool(value)
        case .stringConvertible(let value): self = .string("\(value)")
        case .stringArray(let values): self = .strings(values)
        case .stringConvertibleArray(let values): self = .strings(values.map { "\($0)" })
        case .int32Array(let values): self = .strings(values.map { "\($0)" })
        case .int64Array(let values): self = .strings(values.map { "\($0)" })
        case .doubleArray(let values): self = .strings(values.map { "\($0)" })
        case .boolArray(let values): self = .strings(values.map { "\($0)" })
        default: return nil
        }
    }

    /// Bytes of text.
    var weight: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .strings(let texts): texts.reduce(0) { $0 + $1.utf8.count }
        case .int, .double, .bool: 8
        }
    }
}
