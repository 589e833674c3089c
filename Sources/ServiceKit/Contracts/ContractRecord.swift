import FoundationEssentials

/// One version of an event's contract as it was published, in a file of its own: `order.created.v1.json`.
public struct ContractRecord: Sendable, Hashable {
    public var type: String
    public var version: Int
    public var minimumReaderVersion: Int
    public var document: ContractDocument

    public init(type: String, version: Int, minimumReaderVersion: Int? = nil, document: ContractDocument) {
        self.type = type
        self.version = version
        self.minimumReaderVersion = minimumReaderVersion ?? version
        self.document = document
    }

    /// - Throws: `ServiceError` where the type's JSON cannot be found out.
    public init(of event: any Event.Type) throws {
        self.init(
            type: event.type, version: event.version, minimumReaderVersion: event.minimumReaderVersion,
            document: try ContractDocument(of: event))
    }

    public var fileName: String { Self.fileName(type: type, version: version) }
    static func fileName(type: String, version: Int) -> String { "\(type).v\(version).json" }

    /// The file's text: the same for the same contract, whatever order the type's fields stand in.
    public func text() throws -> String {
        var json: JSONValue = ["type": .string(type), "version": .integer(version), "schema": document.jsonSchema]
        if minimumReaderVersion != version { json["minimum_reader_version"] = .integer(minimumReaderVersion) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(json), as: UTF8.self) + "\n"
    }

    /// - Throws: `ServiceError` where it is no record.
    public init(text: String) throws {
        let json: JSONValue
        do { json = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) } catch {
            throw ServiceError(.invalidContract, "it is no JSON", underlying: error)
        }
        guard let type = json["type"]?.string, let version = json["version"]?.integer, let schema = json["schema"] else {
            throw ServiceError(.invalidContract, "\"type\", \"version\" and \"schema\" are not all there")
        }
        self.init(
            type: type, version: version, minimumReaderVersion: json["minimum_reader_version"]?.integer,
            document: try ContractDocument(jsonSchema: schema))
    }
}
