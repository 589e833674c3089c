import Foundation
import ServiceKit
import Testing

/// The schema of a Swift type, found out by running its own decoder.
struct SchemaTests {
    private func field(_ name: String) throws -> ContractField {
        guard case .object(let fields) = try ContractDocument(of: Sample.Everything.self).root else {
            throw CocoaError(.featureUnsupported)
        }
        return try #require(fields.first { $0.name == name })
    }

    @Test(arguments: [
        ("text", ContractField("text", .string())),
        ("note", ContractField("note", .string(), isRequired: false)),
        ("count", ContractField("count", .integer())),
        ("small", ContractField("small", .integer(minimum: -32768, maximum: 32767))),
        ("large", ContractField("large", .integer(minimum: 0))),
        ("ratio", ContractField("ratio", .number)),
        ("money", ContractField("money", .number)),
        ("isNew", ContractField("isNew", .boolean)),
        ("time", ContractField("time", .string(format: "date-time"))),
        ("later", ContractField("later", .string(format: "date-time"), isRequired: false)),
        ("id", ContractField("id", .string(format: "uuid"))),
        ("site", ContractField("site", .string(format: "uri"))),
        ("bytes", ContractField("bytes", .string(format: "byte"))),
        ("colour", ContractField("colour", .choice(["red", "green"]))),
        ("level", ContractField("level", .choice([1, 3]), isRequired: false)),
        ("lines", ContractField("lines", .array(.object([ContractField("quantity", .integer()), ContractField("sku", .string())])))),
        ("tags", ContractField("tags", .array(.string()))),
        ("stock", ContractField("stock", .map(.integer()))),
        ("maybe", ContractField("maybe", .array(.nullable(.integer())))),
        ("comment", ContractField("comment", .reference("Comment"), isRequired: false)),
        ("place", ContractField("place", .array(.number))),
        (
            "payment",
            ContractField(
                "payment",
                .object([ContractField("card", .string(), isRequired: false), ContractField("kind", .choice(["card", "cash"]))]))
        ),
        ("sku", ContractField("sku", .string())),
        ("rest", ContractField("rest", .any)),
    ])
    func eachKindOfField(name: String, expected: ContractField) throws {
        #expect(try field(name) == expected)
    }

    @Test func aTypeThatHoldsItselfIsADefinition() throws {
        let document = try ContractDocument(of: Sample.Everything.self)
        #expect(
            document.definitions == [
                "Comment": .object([
                    ContractField("answers", .array(.reference("Comment"))),
                    ContractField("first", .reference("Comment"), isRequired: false),
                    ContractField("text", .string()),
                ])
            ])
    }

    @Test func aRecordIsReadAsItWasWritten() throws {
        let record = try ContractRecord(of: Sample.Everything.self)
        let again = try ContractRecord(text: try record.text())
        #expect(again == record)
        #expect(try again.text() == record.text())
        let other = try ContractRecord(of: Sample.PlacedV3.self)
        #expect(try ContractRecord(text: try other.text()).minimumReaderVersion == 2)
        #expect(other.fileName == "order.placed.v3.json")
    }

    @Test func schemasAreJSONSchema() throws {
        let json = try ContractDocument(of: Sample.PlacedV1.self).jsonSchema
        #expect(
            json == [
                "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "PlacedV1", "type": "object",
                "properties": [
                    "id": ["type": "string"], "total": ["type": "integer"], "colour": ["enum": ["red", "green"]],
                    "note": ["type": "string"],
                ],
                "required": ["colour", "id", "total"],
            ])
    }

    private enum Bare: Codable, CaseIterable { case one }
    private enum Closed: String, Codable { case one }
    private struct WithBare: Event {
        static let type = "a"
        var subject: String { "" }
        var value: Bare
    }
    private struct WithClosed: Event {
        static let type = "a"
        var subject: String { "" }
        var value: Closed
    }
    private struct WithKeys: Event {
        static let type = "a"
        var subject: String { "" }
        var value: [Bool: Int]
    }

    private struct ByHand: Event {
        static let type = "a"
        enum Keys: String, CodingKey { case maybe, inner, count, list }
        var subject: String { "" }
        var maybe: Int?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Keys.self)
            maybe = try container.decode(Int?.self, forKey: .maybe)
            let inner = try container.nestedContainer(keyedBy: Keys.self, forKey: .inner)
            if try !inner.decodeNil(forKey: .count) { _ = try inner.decode(Int.self, forKey: .count) }
            var list = try inner.nestedUnkeyedContainer(forKey: .list)
            while !list.isAtEnd { _ = try list.decode(String.self) }
        }

        func encode(to encoder: any Encoder) throws {}
    }

    @Test func aDecoderWrittenByHandIsFollowed() throws {
        #expect(
            try ContractDocument(of: ByHand.self).root
                == .object([
                    ContractField(
                        "inner", .object([ContractField("count", .nullable(.integer())), ContractField("list", .array(.string()))])),
                    ContractField("maybe", .nullable(.integer())),
                ]))
    }

    @Test func whatCannotBeFoundOutIsSaidWithWhatToDo() {
        func message(_ event: any Event.Type) -> String {
            do {
                _ = try ContractDocument(of: event)
                return "no error"
            } catch {
                return "\(error)"
            }
        }
        #expect(message(WithBare.self).contains("Bare is an enum without raw values"))
        #expect(message(WithBare.self).contains("ContractDescribing"))
        #expect(message(WithClosed.self).contains("Closed does not decode from a sample"))
        #expect(message(WithClosed.self).contains("make it CaseIterable"))
        #expect(message(WithKeys.self).contains("use String"))
    }

    @Test(arguments: [
        "[]", "{", #"{"type": "a", "version": 1}"#, #"{"type": "a", "version": 1, "schema": 5}"#,
        #"{"type": "a", "version": 1, "schema": {"type": "tuple"}}"#, #"{"type": "a", "version": 1, "schema": {"$ref": "x"}}"#,
        ##"{"type": "a", "version": 1, "schema": {"$ref": "#/$defs/Gone"}}"##,
        #"{"type": "a", "version": 1, "schema": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}"#,
    ])
    func whatIsNoRecordIsRefused(text: String) {
        #expect(throws: ServiceError.self) { try ContractRecord(text: text) }
    }
}
