struct RecordingSingleContainer: SingleValueDecodingContainer {
    let decoder: RecordingDecoder
    var codingPath: [any CodingKey] { decoder.codingPath }

    func decodeNil() -> Bool {
        decoder.note.noteNullable()
        return false
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T { try decoder.sample(type) }
}
