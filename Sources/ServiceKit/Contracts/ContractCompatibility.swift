/// Which changes of an event's JSON need a new version.
public enum ContractCompatibility {
    /// Within one version, in which old and new services and messages meet in every combination: only a field that need not be there may come.
    public static func isAllowed(_ change: ContractChange) -> Bool { change.kind == .optionalFieldAdded }

    /// What keeps a reader of `reader` from reading what is written as `written`.
    ///
    /// Less than within one version: a field that the reader does not need may have gone, and values may have become fewer.
    public static func obstacles(reader: ContractDocument, written: ContractDocument) -> [ContractChange] {
        ContractComparison.changes(from: reader, to: written).filter { change in
            switch change.kind {
            case .optionalFieldAdded, .requiredFieldAdded, .madeRequired, .valueRemoved, .nullRefused: false
            case .fieldRemoved: isNeeded(change.path, in: reader)
            case .madeOptional, .retyped, .boundsChanged, .formatChanged, .valueAdded, .nullAllowed: true
            }
        }
    }

    /// Whether the field at the end of the way is required.
    private static func isNeeded(_ path: String, in document: ContractDocument) -> Bool {
        var schema: ContractSchema? = document.root
        var isRequired = true
        for part in path.split(separator: ".") {
            let name = part.prefix { $0 != "[" }
            schema = schema.flatMap(document.inner)
            if name == "*" {
                guard case .map(let values) = schema else { return true }
                schema = values
            } else {
                guard case .object(let fields) = schema, let field = fields.first(where: { $0.name == name }) else { return true }
                isRequired = field.isRequired
                schema = field.schema
            }
            for _ in part.filter({ $0 == "[" }) {
                guard case .array(let items) = schema.flatMap(document.inner) else { return true }
                schema = items
            }
        }
        return isRequired
    }
}

extension ContractDocument {
    /// What it is where it is something, references followed.
    fileprivate func inner(_ schema: ContractSchema) -> ContractSchema? {
        guard let schema = resolved(schema) else { return nil }
        if case .nullable(let inner) = schema { return resolved(inner) }
        return schema
    }
}
