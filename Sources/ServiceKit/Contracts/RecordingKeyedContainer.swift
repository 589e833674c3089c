struct RecordingKeyedContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: RecordingDecoder
    var codingPath: [any CodingKey] { decoder.codingPath }
    var allKeys: [Key] { [] }

    private func inside(_ key: any CodingKey) -> RecordingDecoder {
        decoder.inside(decoder.note.field(key.stringValue), at: key)
    }

    // `decodeIfPresent` asks this first: what is asked about need not be there.
    func contains(_ key: Key) -> Bool {
        decoder.note.field(key.stringValue).noteOptional()
        return true
    }

    func decodeNil(forKey key: Key) -> Bool {
        decoder.note.field(key.stringValue).noteNullable()
        return false
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try inside(key).sample(type) }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        _ = contains(key)
        return try inside(key).sampleIfAny(type)
    }

    func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type, forKey key: Key) -> KeyedDecodingContainer<NestedKey> {
        inside(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer { inside(key).unkeyedContainer() }
    func superDecoder(forKey key: Key) -> any Decoder { inside(key) }

    func superDecoder() -> any Decoder { inside(SuperKey()) }

    private struct SuperKey: CodingKey {
        var stringValue: String { "super" }
        var intValue: Int? { nil }
        init() {}
        init?(stringValue: String) { nil }
        init?(intValue: Int) { nil }
    }
}
