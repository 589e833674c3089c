import FoundationEssentials

/// Reads an event's JSON of whatever version it is.
public enum ContractDecoder {
    /// - Parameters:
    ///   - bytes: the message's body.
    ///   - version: that of the JSON, as the message says; 1 where it says none.
    ///   - minimumReaderVersion: the oldest version whose readers can read it, as the message says; nil: its own version.
    /// - Throws: `ServiceError` where no reading is possible: it will not be another time either, so that the message is a dead letter.
    public static func decode<E: Event>(
        _ event: E.Type, _ bytes: [UInt8], version: Int, minimumReaderVersion: Int? = nil
    ) throws -> E {
        let data = Data(bytes)
        if version > E.version {
            let oldest = minimumReaderVersion ?? version
            guard oldest <= E.version else {
                throw ServiceError(
                    .invalidEvent,
                    "The event '\(E.type)' has version \(version), which is for readers of version \(oldest) and newer; this service reads up to \(E.version). Deploy the service with the newer contract, then replay the message."
                )
            }
            return try read(event, data)
        }
        guard version < E.version else { return try read(event, data) }
        return try read(event, try raised(event, data, from: version))
    }

    private static func raised<E: Event>(_ event: E.Type, _ data: Data, from version: Int) throws -> Data {
        guard version >= 1 else {
            throw ServiceError(.invalidEvent, "The event '\(E.type)' says version \(version); the first version is 1.")
        }
        var json: JSONValue
        do { json = try JSON.decoder().decode(JSONValue.self, from: data) } catch let error as DecodingError {
            throw ServiceError(.invalidEvent, "The event '\(E.type)' is not as expected: \(JSON.describe(error, of: data))")
        }
        for step in version..<E.version {
            guard let upcaster = E.upcasters.first(where: { $0.version == step }) else {
                throw ServiceError(
                    .invalidEvent,
                    "The event '\(E.type)' has version \(version) and this service reads version \(E.version), but nothing leads from \(step) to \(step + 1). Add an Upcaster(from: \(step)) to its 'upcasters'."
                )
            }
            do { try upcaster.body(&json) } catch {
                throw ServiceError(
                    .invalidEvent, "The event '\(E.type)' cannot be brought from version \(step) to \(step + 1)", underlying: error)
            }
        }
        do { return try JSON.encoder().encode(json) } catch {
            throw ServiceError(.invalidEvent, "The upcasters of '\(E.type)' make what is no JSON", underlying: error)
        }
    }

    private static func read<E: Event>(_ event: E.Type, _ data: Data) throws -> E {
        do { return try JSON.decoder().decode(event, from: data) } catch let error as DecodingError {
            throw ServiceError(.invalidEvent, "The event '\(E.type)' is not as expected: \(JSON.describe(error, of: data))")
        }
    }
}
