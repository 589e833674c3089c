/// The JSON Schema (2020-12) of a topology file, for editors. Made from the keys that the decoder itself goes by.
package enum TopologySchema {
    private static let durationPattern = #"^(0|([0-9]+(\.[0-9]+)?(us|ms|s|m|h|d))+)$"#
    private static let sizePattern = #"^[0-9]+(\.[0-9]+)?([KMGTPkmgtp]?([iI]?[bB])?)$"#

    package static func json() -> String {
        let head: [(String, JSONText)] = [
            ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            ("title", .string("Signalbox topology")),
        ]
        return JSONText.object(head + members(of: FileKey.self)).written() + "\n"
    }

    private static func members<Key: TopologyKey>(of type: Key.Type) -> [(String, JSONText)] {
        let properties = type.allCases.map { key in
            (key.rawValue, JSONText.object([("description", .string(key.summary))] + members(of: key.shape)))
        }
        var result: [(String, JSONText)] = [
            ("type", .string("object")),
            ("additionalProperties", .boolean(false)),
            ("properties", .object(properties)),
        ]
        if !type.required.isEmpty { result.append(("required", .array(type.required.map { .string($0.rawValue) }))) }
        return result
    }

    private static func members(of shape: ValueShape) -> [(String, JSONText)] {
        switch shape {
        case .text: [("type", .string("string"))]
        case .textMatching(let pattern): [("type", .string("string")), ("pattern", .string(pattern))]
        case .scalar: [("type", .array([.string("string"), .string("number"), .string("boolean"), .string("null")]))]
        case .nothing: [("type", .string("null"))]
        case .integer(let range):
            [("type", .string("integer")), ("minimum", .integer(range.lowerBound)), ("maximum", .integer(range.upperBound))]
        case .number(let range):
            [("type", .string("number")), ("minimum", .number(range.lowerBound)), ("maximum", .number(range.upperBound))]
        case .boolean: [("type", .string("boolean"))]
        case .duration: [("type", .string("string")), ("pattern", .string(durationPattern))]
        case .size: [("type", .array([.string("string"), .string("integer")])), ("pattern", .string(sizePattern))]
        case .choice(let choices): [("enum", .array(choices.map { .string($0) }))]
        case .list(let entry, let most):
            [("type", .string("array")), ("items", .object(members(of: entry)))] + (most.map { [("maxItems", .integer($0))] } ?? [])
        case .map(let value, let names):
            [("type", .string("object")), ("additionalProperties", .object(members(of: value)))]
                + (names.isEmpty ? [] : [("propertyNames", .object([("pattern", .string(names))]))])
        case .object(let type): members(of: type)
        case .either(let shapes): [("anyOf", .array(shapes.map { .object(members(of: $0)) }))]
        }
    }
}
