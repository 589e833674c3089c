import FoundationEssentials

enum BusParameters {
    /// A field of any plain JSON type as text; anything else is left out.
    private struct Field: Decodable {
        var text: String?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let value = try? container.decode(String.self) {
                text = value
            } else if let value = try? container.decode(Bool.self) {
                text = String(value)
            } else if let value = try? container.decode(Int64.self) {
                text = String(value)
            } else if let value = try? container.decode(Double.self) {
                text = String(value)
            } else if let values = try? container.decode([Field].self) {
                text = values.last?.text
            }
        }
    }

    /// The plain fields of a JSON object; empty for anything else.
    static func of(_ body: [UInt8]) -> [String: String] {
        guard let fields = try? JSONDecoder().decode([String: Field].self, from: Data(body)) else { return [:] }
        return fields.compactMapValues(\.text)
    }
}
