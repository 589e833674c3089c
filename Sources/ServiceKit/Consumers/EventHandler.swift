/// A service's handler of one event type, without the type.
struct EventHandler: Sendable {
    let type: String
    let run: @Sendable (_ body: [UInt8], EventMetadata, Transaction) async throws -> Void

    init<E: Event>(_ event: E.Type, _ body: @escaping @Sendable (E, EventMetadata, Transaction) async throws -> Void) {
        type = E.type
        run = { bytes, metadata, transaction in
            let value = try ContractDecoder.decode(
                event, bytes, version: metadata.version, minimumReaderVersion: metadata.minimumReaderVersion)
            try await body(value, metadata, transaction)
        }
    }
}
