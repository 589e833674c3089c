/// Has one element, which stands for all.
struct RecordingUnkeyedContainer: UnkeyedDecodingContainer {
    let decoder: RecordingDecoder
    var codingPath: [any CodingKey] { decoder.codingPath }
    let count: Int? = 1
    var isAtEnd: Bool { currentIndex >= 1 }
    private(set) var currentIndex = 0

    init(decoder: RecordingDecoder) { self.decoder = decoder }

    private mutating func next() -> RecordingDecoder {
        currentIndex += 1
        return decoder.inside(decoder.note.elementNote, at: ElementKey())
    }

    mutating func decodeNil() -> Bool { false }
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().sample(type) }

    mutating func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type) -> KeyedDecodingContainer<NestedKey> {
        next().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer { next().unkeyedContainer() }
    mutating func superDecoder() -> any Decoder { next() }

    private struct ElementKey: CodingKey {
        var stringValue: String { "0" }
        var intValue: Int? { 0 }
        init() {}
        init?(stringValue: String) { nil }
        init?(intValue: Int) { nil }
    }
}
