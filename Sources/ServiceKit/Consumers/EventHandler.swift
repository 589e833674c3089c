import FoundationEssentials

/// A service's handler of one event type, without the type.
struct EventHandler: Sendable {
    let type: String
    let run: @Sendable (_ body: [UInt8], EventMetadata, Transaction) async throws -> Void

    init<E: Event>(_ event: E.Type, _ body: @escaping @Sendable (E, EventMetadata, Transaction) async throws -> Void) {
        type = E.type
        run = { bytes, metadata, transaction in
            try await body(try Self.decode(event, bytes), metadata, transaction)
        }
    }

    private static func decode<E: Event>(_ event: E.Type, _ bytes: [UInt8]) throws -> E {
        let data = Data(bytes)
        do {
            return try JSON.decoder().decode(event, from: data)
        } catch let error as DecodingError {
            throw ServiceError(.invalidEvent, "The event '\(E.type)' is not as expected: \(JSON.describe(error, of: data))")
        }
    }
}
