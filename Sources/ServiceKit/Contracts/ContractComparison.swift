/// What has changed from one schema of an event to another. Pure.
public struct ContractComparison {
    private let old: ContractDocument
    private let new: ContractDocument
    private var changes: [ContractChange] = []
    /// Pairs of definitions that are being compared, so that types that hold themselves come to an end.
    private var compared: Set<[String]> = []

    public static func changes(from old: ContractDocument, to new: ContractDocument) -> [ContractChange] {
        var comparison = ContractComparison(old: old, new: new)
        comparison.compare(old.root, new.root, at: "")
        return comparison.changes
    }

    private init(old: ContractDocument, new: ContractDocument) {
        self.old = old
        self.new = new
    }

    private mutating func note(_ kind: ContractChange.Kind, _ path: String, _ detail: String = "") {
        changes.append(ContractChange(kind: kind, path: path, detail: detail))
    }

    private mutating func compare(_ before: ContractSchema, _ after: ContractSchema, at path: String) {
        if case .reference(let first) = before, case .reference(let second) = after {
            guard compared.insert([first, second]).inserted else { return }
        }
        guard let before = old.resolved(before), let after = new.resolved(after) else { return }
        switch (before, after) {
        case (.nullable(let before), .nullable(let after)): compare(before, after, at: path)
        case (.nullable(let before), _):
            note(.nullRefused, path)
            compare(before, after, at: path)
        case (_, .nullable(let after)):
            note(.nullAllowed, path)
            compare(before, after, at: path)
        case (.object(let before), .object(let after)): compare(before, after, at: path)
        case (.array(let before), .array(let after)): compare(before, after, at: "\(path)[]")
        case (.map(let before), .map(let after)): compare(before, after, at: path.isEmpty ? "*" : "\(path).*")
        case (.choice(let before), .choice(let after)):
            for value in before where !after.contains(value) { note(.valueRemoved, path, Self.text(value)) }
            for value in after where !before.contains(value) { note(.valueAdded, path, Self.text(value)) }
        case (.integer, .integer):
            if before != after { note(.boundsChanged, path, "\(before.title) → \(after.title)") }
        case (.string, .string):
            if before != after { note(.formatChanged, path, "\(before.title) → \(after.title)") }
        default:
            if before != after { note(.retyped, path, "\(before.title) → \(after.title)") }
        }
    }

    private mutating func compare(_ before: [ContractField], _ after: [ContractField], at path: String) {
        let prefix = path.isEmpty ? "" : path + "."
        for field in before {
            guard let other = after.first(where: { $0.name == field.name }) else {
                note(.fieldRemoved, prefix + field.name)
                continue
            }
            if field.isRequired, !other.isRequired { note(.madeOptional, prefix + field.name) }
            if !field.isRequired, other.isRequired { note(.madeRequired, prefix + field.name) }
            compare(field.schema, other.schema, at: prefix + field.name)
        }
        for field in after where !before.contains(where: { $0.name == field.name }) {
            note(field.isRequired ? .requiredFieldAdded : .optionalFieldAdded, prefix + field.name)
        }
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): "\"\(text)\""
        case .integer(let number): "\(number)"
        default: "\(value)"
        }
    }
}

extension ContractSchema {
    /// For a person.
    var title: String {
        switch self {
        case .any: "anything"
        case .boolean: "boolean"
        case .integer(let minimum, let maximum):
            minimum == nil && maximum == nil
                ? "integer" : "integer from \(minimum.map { "\($0)" } ?? "any") to \(maximum.map { "\($0)" } ?? "any")"
        case .number: "number"
        case .string(let format): format ?? "text"
        case .choice: "one of some values"
        case .array: "array"
        case .map: "map"
        case .object: "object"
        case .nullable(let inner): "\(inner.title) or null"
        case .reference(let name): name
        }
    }
}
