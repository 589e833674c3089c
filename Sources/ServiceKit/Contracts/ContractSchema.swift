/// What a value of an event's JSON may be. Fields that it does not name may be there too: readers ignore them.
public indirect enum ContractSchema: Sendable, Hashable {
    case any
    case boolean
    /// Nil: as an Int is.
    case integer(minimum: Int? = nil, maximum: Int? = nil)
    case number
    /// - Parameter format: of JSON Schema, such as `date-time` or `uuid`; nil: any text.
    case string(format: String? = nil)
    /// One of these values and no other.
    case choice([JSONValue])
    case array(ContractSchema)
    /// An object whose names are not known beforehand.
    case map(ContractSchema)
    case object([ContractField])
    case nullable(ContractSchema)
    /// One of the contract's own definitions: a type that holds itself.
    case reference(String)
}

extension ContractSchema {
    /// The same with every object's fields in the order of their names, so that their order in the code makes no difference.
    var ordered: ContractSchema {
        switch self {
        case .object(let fields):
            .object(
                fields.map { ContractField($0.name, $0.schema.ordered, isRequired: $0.isRequired) }.sorted { $0.name < $1.name })
        case .array(let items): .array(items.ordered)
        case .map(let values): .map(values.ordered)
        case .nullable(let inner): .nullable(inner.ordered)
        case .any, .boolean, .integer, .number, .string, .choice, .reference: self
        }
    }
}

public struct ContractField: Sendable, Hashable {
    public var name: String
    public var schema: ContractSchema
    /// Whether it has to be there. Of one that need not be, null means that it is not there.
    public var isRequired: Bool

    public init(_ name: String, _ schema: ContractSchema, isRequired: Bool = true) {
        self.name = name
        self.schema = schema
        self.isRequired = isRequired
    }
}
