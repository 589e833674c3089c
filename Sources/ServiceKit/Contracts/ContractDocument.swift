/// The schema of a whole event, with the definitions that it refers to.
public struct ContractDocument: Sendable, Hashable {
    /// The Swift type's name, for people.
    public var title: String
    public var root: ContractSchema
    /// Of types that hold themselves.
    public var definitions: [String: ContractSchema]

    public init(title: String, root: ContractSchema, definitions: [String: ContractSchema] = [:]) {
        self.title = title
        self.root = root.ordered
        self.definitions = definitions.mapValues(\.ordered)
    }

    /// As the type's own `init(from:)` reads it.
    ///
    /// - Throws: `ServiceError` that names the type whose JSON cannot be found out.
    public init(of event: any Event.Type) throws {
        var recorder = SchemaRecorder()
        let root = try recorder.record(event).schema
        self.init(title: String(describing: event), root: root, definitions: recorder.definitions)
    }

    /// What the schema is, a reference followed. Nil: it refers to nothing.
    func resolved(_ schema: ContractSchema) -> ContractSchema? {
        guard case .reference(let name) = schema else { return schema }
        return definitions[name]
    }
}
