/// JSON Schema (2020-12), as far as contracts need it.
extension ContractDocument {
    private static let dialect = "https://json-schema.org/draft/2020-12/schema"
    private static let definitionPrefix = "#/$defs/"

    public var jsonSchema: JSONValue {
        var members = Self.json(root)
        members["$schema"] = .string(Self.dialect)
        members["title"] = .string(title)
        if !definitions.isEmpty { members["$defs"] = .object(definitions.mapValues { Self.json($0) }) }
        return members
    }

    /// - Throws: `ServiceError` where the schema is none that a contract has.
    public init(jsonSchema: JSONValue) throws {
        self.init(
            title: jsonSchema["title"]?.string ?? "", root: try Self.schema(jsonSchema, at: ""),
            definitions: try (jsonSchema["$defs"]?.object ?? [:]).mapValues { try Self.schema($0, at: "$defs") })
        for name in references(of: [root] + definitions.values) where definitions[name] == nil {
            throw ServiceError(.invalidContract, "the schema refers to \"\(name)\", which is not in its $defs")
        }
    }

    private func references(of schemas: [ContractSchema]) -> [String] {
        schemas.flatMap { schema -> [String] in
            switch schema {
            case .reference(let name): [name]
            case .array(let inner), .map(let inner), .nullable(let inner): references(of: [inner])
            case .object(let fields): references(of: fields.map(\.schema))
            case .any, .boolean, .integer, .number, .string, .choice: []
            }
        }
    }

    private static func json(_ schema: ContractSchema) -> JSONValue {
        switch schema {
        case .any: return [:]
        case .boolean: return ["type": "boolean"]
        case .integer(let minimum, let maximum):
            var json: JSONValue = ["type": "integer"]
            json["minimum"] = minimum.map { .integer($0) }
            json["maximum"] = maximum.map { .integer($0) }
            return json
        case .number: return ["type": "number"]
        case .string(let format):
            var json: JSONValue = ["type": "string"]
            json["format"] = format.map { .string($0) }
            return json
        case .choice(let values): return ["enum": .array(values)]
        case .array(let items): return ["type": "array", "items": json(items)]
        case .map(let values): return ["type": "object", "additionalProperties": json(values)]
        case .object(let fields):
            var members: JSONValue = [
                "type": "object", "properties": .object(Dictionary(fields.map { ($0.name, json($0.schema)) }) { first, _ in first }),
            ]
            let required = fields.filter(\.isRequired).map(\.name).sorted()
            if !required.isEmpty { members["required"] = .array(required.map { .string($0) }) }
            return members
        case .nullable(let inner): return ["anyOf": [json(inner), ["type": "null"]]]
        case .reference(let name): return ["$ref": .string(definitionPrefix + name)]
        }
    }

    private static func schema(_ json: JSONValue, at path: String) throws -> ContractSchema {
        guard case .object(let members) = json else { throw unknown(path, "is no object") }
        if let reference = members["$ref"]?.string {
            guard reference.hasPrefix(definitionPrefix) else { throw unknown(path, "refers to \(reference)") }
            return .reference(String(reference.dropFirst(definitionPrefix.count)))
        }
        if let choices = members["anyOf"]?.array {
            guard choices.count == 2, choices[1] == ["type": "null"] else { throw unknown(path, "has an anyOf other than with null") }
            return .nullable(try schema(choices[0], at: path))
        }
        if let values = members["enum"]?.array { return .choice(values) }
        switch members["type"]?.string {
        case nil: return .any
        case "boolean": return .boolean
        case "integer": return .integer(minimum: members["minimum"]?.integer, maximum: members["maximum"]?.integer)
        case "number": return .number
        case "string": return .string(format: members["format"]?.string)
        case "array": return .array(try schema(members["items"] ?? [:], at: path + "[]"))
        case "object":
            if let values = members["additionalProperties"] { return .map(try schema(values, at: path + ".*")) }
            let required = Set(members["required"]?.array?.compactMap(\.string) ?? [])
            let fields = try (members["properties"]?.object ?? [:]).sorted { $0.key < $1.key }.map { name, json in
                ContractField(name, try schema(json, at: "\(path).\(name)"), isRequired: required.contains(name))
            }
            return .object(fields)
        case let type?: throw unknown(path, "has the type \"\(type)\"")
        }
    }

    private static func unknown(_ path: String, _ what: String) -> ServiceError {
        ServiceError(
            .invalidContract,
            "the schema\(path.isEmpty ? "" : " of \(path.drop { $0 == "." })") \(what), which no contract has; records are written by the test, not by hand"
        )
    }
}
