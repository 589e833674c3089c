/// Events as a schema allows them, to try readers and upcasters on.
struct ContractSamples {
    /// Of types that hold themselves.
    private static let maximumDepth = 8
    private static let maximumCount = 64

    private let document: ContractDocument
    /// Which of each field's values is taken.
    private var turn = 0
    private var isComplete = true
    private var mostValues = 1

    /// One with what is required alone, then so many with everything that each listed value is in one of them.
    static func all(of document: ContractDocument) -> [JSONValue] {
        var samples = ContractSamples(document: document)
        samples.isComplete = false
        var result = [samples.value(document.root, depth: 0)]
        samples.isComplete = true
        repeat {
            result.append(samples.value(document.root, depth: 0))
            samples.turn += 1
        } while samples.turn < min(samples.mostValues, maximumCount)
        return result
    }

    private init(document: ContractDocument) { self.document = document }

    private mutating func value(_ schema: ContractSchema, depth: Int) -> JSONValue {
        switch schema {
        case .any: return .string("anything")
        case .boolean: return .boolean(turn.isMultiple(of: 2))
        case .integer(let minimum, let maximum): return .integer(Swift.max(minimum ?? 1, Swift.min(1, maximum ?? 1)))
        case .number: return .number(1.5)
        case .string(let format): return .string(Self.text(format))
        case .choice(let values):
            mostValues = max(mostValues, values.count)
            return values.isEmpty ? .null : values[turn % values.count]
        case .array(let items): return .array(isComplete && depth < Self.maximumDepth ? [value(items, depth: depth + 1)] : [])
        case .map(let values): return .object(isComplete && depth < Self.maximumDepth ? ["key": value(values, depth: depth + 1)] : [:])
        case .object(let fields):
            var members: [String: JSONValue] = [:]
            for field in fields where field.isRequired || isComplete && depth < Self.maximumDepth {
                members[field.name] = value(field.schema, depth: depth + 1)
            }
            return .object(members)
        case .nullable(let inner): return isComplete && depth < Self.maximumDepth ? value(inner, depth: depth + 1) : .null
        case .reference(let name): return document.definitions[name].map { value($0, depth: depth + 1) } ?? .null
        }
    }

    private static func text(_ format: String?) -> String {
        switch format {
        case "date-time": "2026-11-21T12:00:00.000001Z"
        case "uuid": "0193481e-9ab0-7000-8000-000000000001"
        case "uri": "https://example.org"
        case "byte": "AA=="
        default: "text"
        }
    }
}
