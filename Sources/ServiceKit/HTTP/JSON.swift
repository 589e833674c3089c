import FoundationEssentials

/// JSON as services speak it: times are RFC 3339 strings with microseconds, keys are the type's coding keys.
enum JSON {
    static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(Timestamp(date).description)
        }
        return encoder
    }

    static func decoder() -> JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            let text = try container.decode(String.self)
            guard let timestamp = Timestamp(text) else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "expected a time like 2026-11-21T12:00:00Z, found '\(text)'")
            }
            return timestamp.date
        }
        return decoder
    }

    /// - Throws: `ServiceProblem` 400 that says where the JSON is wrong and what was expected.
    static func decode<T: Decodable>(_ type: T.Type, from data: Data) throws -> T {
        do {
            return try decoder().decode(type, from: data)
        } catch let error as DecodingError {
            throw ServiceProblem(status: 400, title: "The request's JSON is not as expected", detail: describe(error, of: data))
        }
    }

    /// Where and what: "items[2].quantity: expected Int, found a string".
    static func describe(_ error: DecodingError, of data: Data) -> String {
        func place(_ path: [any CodingKey]) -> String {
            let place = path.reduce(into: "") { text, key in
                if let index = key.intValue { text += "[\(index)]" } else { text += text.isEmpty ? key.stringValue : ".\(key.stringValue)" }
            }
            return place.isEmpty ? "the document" : place
        }
        switch error {
        case .keyNotFound(let key, let context):
            return "\(place(context.codingPath + [key])) is missing."
        case .valueNotFound(let type, let context):
            return "\(place(context.codingPath)): expected \(name(type)), found null."
        case .typeMismatch(let type, let context):
            return "\(place(context.codingPath)): expected \(name(type)). \(context.debugDescription)"
        case .dataCorrupted(let context):
            if context.codingPath.isEmpty {
                return data.isEmpty ? "The body is empty; expected a JSON document." : "The body is not JSON: \(cause(context))"
            }
            return "\(place(context.codingPath)): \(context.debugDescription)"
        @unknown default:
            return "The JSON is not as expected."
        }
    }

    private static func cause(_ context: DecodingError.Context) -> String {
        let text = (context.underlyingError as? any CustomDebugStringConvertible)?.debugDescription ?? ""
        // Foundation on Linux knows no more of some mistakes than "nil".
        return text.isEmpty || text == "nil" ? context.debugDescription : text
    }

    private static func name(_ type: Any.Type) -> String {
        switch type {
        case is any FixedWidthInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is Date.Type: "a time"
        case is [String: Any].Type: "an object"
        case is [Any].Type: "a list"
        default: "\(type)"
        }
    }
}
