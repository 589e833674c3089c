import HTTPTypes

/// Words of JSON Schema, for the endpoints' own descriptions.
extension JSONValue {
    static func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

    static func list(_ member: String, of name: String) -> JSONValue {
        [
            "type": "object", "required": [.string(member)],
            "properties": .object([member: ["type": "array", "items": .reference(name)]]),
        ]
    }
}

extension Endpoint.Answer {
    static func json(_ status: HTTPResponse.Status, _ description: String, _ schema: JSONValue) -> Endpoint.Answer {
        Endpoint.Answer(status: status, description: description, content: ["application/json": schema])
    }
}

extension Endpoint.QueryParameter {
    static func number(_ name: String, _ description: String, _ range: ClosedRange<Int>) -> Endpoint.QueryParameter {
        var schema: [String: JSONValue] = ["type": "integer", "minimum": .number(range.lowerBound)]
        if range.upperBound < Int.max { schema["maximum"] = .number(range.upperBound) }
        return Endpoint.QueryParameter(name: name, description: description, schema: .object(schema))
    }

    static func text(_ name: String, _ description: String) -> Endpoint.QueryParameter {
        Endpoint.QueryParameter(name: name, description: description, schema: ["type": "string"])
    }

    static func choice(_ name: String, _ description: String, _ values: [String]) -> Endpoint.QueryParameter {
        Endpoint.QueryParameter(
            name: name, description: description, schema: ["type": "string", "enum": .array(values.map(JSONValue.string))])
    }

    static func flag(_ name: String, _ description: String) -> Endpoint.QueryParameter {
        Endpoint.QueryParameter(name: name, description: description, schema: ["type": "boolean", "default": false])
    }
}
