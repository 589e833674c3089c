/// Answers each question of a type's `init(from:)` with a sample and writes the question down. Used by one call at a time.
struct RecordingDecoder: Decoder {
    final class Session {
        var recorder: SchemaRecorder
        init(_ recorder: SchemaRecorder) { self.recorder = recorder }
    }

    let session: Session
    let note: SchemaNote
    var codingPath: [any CodingKey] = []
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(recorder: SchemaRecorder, note: SchemaNote) {
        self.init(session: Session(recorder), note: note)
    }

    fileprivate init(session: Session, note: SchemaNote, codingPath: [any CodingKey] = []) {
        self.session = session
        self.note = note
        self.codingPath = codingPath
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        note.beginObject()
        return KeyedDecodingContainer(RecordingKeyedContainer(decoder: self))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer {
        note.beginArray()
        return RecordingUnkeyedContainer(decoder: self)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { RecordingSingleContainer(decoder: self) }

    func inside(_ note: SchemaNote, at key: any CodingKey) -> RecordingDecoder {
        RecordingDecoder(session: session, note: note, codingPath: codingPath + [key])
    }

    /// Nil: the type is being recorded further up and has no sample yet.
    func sampleIfAny<T: Decodable>(_ type: T.Type) throws -> T? {
        let recorded = try session.recorder.record(type)
        note.write(recorded.schema)
        return recorded.sample as? T
    }

    func sample<T: Decodable>(_ type: T.Type) throws -> T {
        guard let sample = try sampleIfAny(type) else {
            throw ServiceError(
                .invalidContract, "\(type) holds itself without end; make the field optional or an array, or the type ContractDescribing")
        }
        return sample
    }
}
