import FoundationEssentials

/// Finds out what JSON a type reads: its own `init(from:)` is run on a decoder that writes down what it is asked for and answers with samples.
struct SchemaRecorder {
    /// Types within types; deeper is nothing that people write.
    static let maximumDepth = 64

    struct Recorded {
        var schema: ContractSchema
        /// Nil: the type holds itself, and is being recorded further up.
        var sample: Any?
    }

    private(set) var definitions: [String: ContractSchema] = [:]
    private var known: [ObjectIdentifier: Recorded] = [:]
    private var underWay: [ObjectIdentifier] = []
    private var holdingThemselves: Set<ObjectIdentifier> = []

    mutating func record(_ type: any Decodable.Type) throws -> Recorded {
        let identifier = ObjectIdentifier(type)
        if let recorded = try Self.leaf(type) ?? known[identifier] { return recorded }
        if underWay.contains(identifier) {
            holdingThemselves.insert(identifier)
            return Recorded(schema: .reference(String(describing: type)), sample: nil)
        }
        guard underWay.count < Self.maximumDepth else {
            throw ServiceError(.invalidContract, "\(type): types within types within types, more than \(Self.maximumDepth) deep")
        }
        underWay.append(identifier)
        defer { underWay.removeLast() }
        var recorded = try composite(type)
        if holdingThemselves.contains(identifier) {
            definitions[String(describing: type)] = recorded.schema
            recorded.schema = .reference(String(describing: type))
        }
        known[identifier] = recorded
        return recorded
    }

    /// What is no composition of other types.
    private static func leaf(_ type: any Decodable.Type) throws -> Recorded? {
        if let type = type as? any ContractDescribing.Type { return describe(type) }
        if let type = type as? any FixedWidthInteger.Type { return integer(type) }
        switch type {
        case is Bool.Type: return Recorded(schema: .boolean, sample: true)
        case is String.Type: return Recorded(schema: .string(), sample: "text")
        case is Double.Type: return Recorded(schema: .number, sample: 1.5)
        case is Float.Type: return Recorded(schema: .number, sample: Float(1.5))
        case is Decimal.Type: return Recorded(schema: .number, sample: Decimal(1))
        case is Date.Type: return Recorded(schema: .string(format: "date-time"), sample: Date(timeIntervalSince1970: 0))
        case is UUID.Type: return Recorded(schema: .string(format: "uuid"), sample: UUID())
        case is URL.Type: return Recorded(schema: .string(format: "uri"), sample: URL(string: "https://example.org"))
        case is Data.Type: return Recorded(schema: .string(format: "byte"), sample: Data())
        case is JSONValue.Type: return Recorded(schema: .any, sample: JSONValue.null)
        default: break
        }
        guard let type = type as? any CaseIterable.Type else { return nil }
        return try choice(type)
    }

    private static func describe<T: ContractDescribing>(_ type: T.Type) -> Recorded {
        Recorded(schema: type.contractSchema, sample: type.contractSample)
    }

    private static func integer<T: FixedWidthInteger>(_ type: T.Type) -> Recorded {
        let isWide = type == Int.self || type == Int64.self
        let schema = isWide ? ContractSchema.integer() : .integer(minimum: Int(exactly: type.min), maximum: Int(exactly: type.max))
        return Recorded(schema: schema, sample: T(1))
    }

    private static func choice<T: CaseIterable>(_ type: T.Type) throws -> Recorded? {
        let values = type.allCases.map { value -> JSONValue? in
            switch (value as? any RawRepresentable)?.rawValue {
            case let text as String: .string(text)
            case let number as any FixedWidthInteger: Int(exactly: number).map { .integer($0) }
            default: nil
            }
        }
        guard let first = type.allCases.first, !values.contains(nil) else {
            throw ServiceError(
                .invalidContract,
                "\(type) is an enum without raw values, whose JSON cannot be found out; give it raw values (\(type): String), or make it ContractDescribing"
            )
        }
        return Recorded(schema: .choice(values.compactMap(\.self)), sample: first)
    }

    private mutating func composite(_ type: any Decodable.Type) throws -> Recorded {
        if let container = type as? any SchemaContainer.Type { return try container.record(in: &self) }
        let decoder = RecordingDecoder(recorder: self, note: SchemaNote())
        let sample: Any
        do { sample = try type.init(from: decoder) } catch let error as ServiceError { throw error } catch {
            throw ServiceError(
                .invalidContract,
                "\(type) does not decode from a sample, so that its JSON cannot be found out; make it CaseIterable where it is an enum with raw values, else ContractDescribing",
                underlying: error)
        }
        self = decoder.session.recorder
        return Recorded(schema: decoder.note.schema, sample: sample)
    }
}
