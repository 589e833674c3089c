/// What has been found out about one place of the JSON while a type decodes itself.
final class SchemaNote {
    enum Shape {
        /// Nothing was asked for.
        case unknown
        /// A value that is not a container.
        case single(ContractSchema)
        case object
        case array
    }

    private var shape = Shape.unknown
    private var fields: [(name: String, note: SchemaNote)] = []
    private var element: SchemaNote?
    /// It was asked whether it is there.
    private var isOptional = false
    /// It was asked whether it is null, without asking whether it is there.
    private var isNullable = false

    var schema: ContractSchema {
        let schema: ContractSchema =
            switch shape {
            case .single(let schema): schema
            case .array: .array(element?.schema ?? .any)
            // An event without fields is an empty object.
            case .object, .unknown:
                .object(
                    fields.filter { !$0.note.isUnasked }.map { ContractField($0.name, $0.note.schema, isRequired: !$0.note.isOptional) }
                        .sorted { $0.name < $1.name })
            }
        return isNullable && !isOptional ? .nullable(schema) : schema
    }

    private var isUnasked: Bool { if case .unknown = shape { true } else { false } }

    /// The first answer holds: what is asked for a second time is another reading of the same.
    func write(_ schema: ContractSchema) { if isUnasked { shape = .single(schema) } }
    func beginObject() { if isUnasked { shape = .object } }
    func beginArray() { if isUnasked { shape = .array } }
    func noteOptional() { isOptional = true }
    func noteNullable() { isNullable = true }

    func field(_ name: String) -> SchemaNote {
        if let known = fields.first(where: { $0.name == name }) { return known.note }
        let note = SchemaNote()
        fields.append((name, note))
        return note
    }

    var elementNote: SchemaNote {
        if let element { return element }
        let note = SchemaNote()
        element = note
        return note
    }
}
