/// The standard library's containers, whose elements are recorded without decoding any.
protocol SchemaContainer {
    static func record(in recorder: inout SchemaRecorder) throws -> SchemaRecorder.Recorded
}

extension Optional: SchemaContainer where Wrapped: Decodable {
    static func record(in recorder: inout SchemaRecorder) throws -> SchemaRecorder.Recorded {
        SchemaRecorder.Recorded(schema: .nullable(try recorder.record(Wrapped.self).schema), sample: Self.none as Any)
    }
}

extension Array: SchemaContainer where Element: Decodable {
    static func record(in recorder: inout SchemaRecorder) throws -> SchemaRecorder.Recorded {
        let element = try recorder.record(Element.self)
        return SchemaRecorder.Recorded(schema: .array(element.schema), sample: (element.sample as? Element).map { [$0] } ?? [])
    }
}

extension Set: SchemaContainer where Element: Decodable {
    static func record(in recorder: inout SchemaRecorder) throws -> SchemaRecorder.Recorded {
        let element = try recorder.record(Element.self)
        return SchemaRecorder.Recorded(schema: .array(element.schema), sample: Set((element.sample as? Element).map { [$0] } ?? []))
    }
}

extension Dictionary: SchemaContainer where Key: Decodable, Value: Decodable {
    static func record(in recorder: inout SchemaRecorder) throws -> SchemaRecorder.Recorded {
        guard Key.self is any CodingKeyRepresentable.Type else {
            throw ServiceError(
                .invalidContract,
                "\(Self.self) is written as a list of keys and values, because \(Key.self) is no CodingKeyRepresentable; use String, or an array of structs"
            )
        }
        return SchemaRecorder.Recorded(schema: .map(try recorder.record(Value.self).schema), sample: [:] as Self)
    }
}
