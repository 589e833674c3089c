import Yams

/// A map of the file whose keys are known: those that are not are reported, each with what was most likely meant.
struct ObjectReader<Key: TopologyKey> {
    let field: Field
    private let values: [Key: Field]

    init(_ field: Field, _ type: Key.Type = Key.self) {
        self.field = field
        let known = Key.allCases.map(\.rawValue)
        var values: [Key: Field] = [:]
        for (name, key, value) in field.entries(expected: "\(Key.title) as a map of \(Self.some(known))") {
            if let known = Key(rawValue: name) {
                values[known] = value
            } else {
                let advice =
                    SpellingAid.nearest(to: name, in: known).map { "did you mean \"\($0)\"?" }
                    ?? "known are \(known.joined(separator: ", "))"
                field.log.report("\(value.path): \(Key.title) has no key \"\(name)\"; \(advice)", at: Field.place(key))
            }
        }
        self.values = values
        for key in Key.required where values[key] == nil && (field.isMap || field.isNull) {
            field.report("\"\(key.rawValue)\" is missing: \(key.summary)")
        }
    }

    /// The value of the key where the file gives one.
    subscript(key: Key) -> Field? { values[key] }

    func has(_ key: Key) -> Bool { values[key] != nil }

    private static func some(_ names: [String]) -> String {
        names.count <= 4 ? names.joined(separator: ", ") : names.prefix(4).joined(separator: ", ") + " …"
    }
}
