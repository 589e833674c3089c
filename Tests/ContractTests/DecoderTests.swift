import Foundation
import ServiceKit
import Testing

/// Events of older and newer versions, as a handler is given them.
struct DecoderTests {
    private func decode<E: Event>(_ event: E.Type, _ text: String, version: Int, minimumReaderVersion: Int? = nil) throws -> E {
        try ContractDecoder.decode(event, [UInt8](text.utf8), version: version, minimumReaderVersion: minimumReaderVersion)
    }

    private func mistake<E: Event>(_ event: E.Type, _ text: String, version: Int, minimumReaderVersion: Int? = nil) -> String {
        do {
            _ = try decode(event, text, version: version, minimumReaderVersion: minimumReaderVersion)
            return "no error"
        } catch let error as ServiceError {
            return error.code == .invalidEvent ? error.message : "another code"
        } catch {
            return "another error: \(error)"
        }
    }

    private static let first = #"{"id": "a", "total": 12, "colour": "red", "unknown": {"deep": [1, null]}}"#

    @Test func unknownFieldsAreTolerated() throws {
        #expect(try decode(Sample.PlacedV1.self, Self.first, version: 1).total == 12)
    }

    @Test func olderVersionsAreRaisedStepByStep() throws {
        #expect(try decode(Sample.PlacedV2.self, Self.first, version: 1).total_cents == 1200)
        let third = try decode(Sample.PlacedV3.self, Self.first, version: 1)
        #expect(third.total_cents == 1200 && third.currency == "EUR")
        let fromSecond = try decode(Sample.PlacedV3.self, #"{"id": "a", "total_cents": 7, "colour": "red"}"#, version: 2)
        #expect(fromSecond.total_cents == 7 && fromSecond.currency == "EUR")
    }

    @Test func newerVersionsAreRefusedUnlessTheySayOtherwise() throws {
        let newer = #"{"id": "a", "total_cents": 7, "colour": "red", "currency": "USD"}"#
        #expect(try decode(Sample.PlacedV2.self, newer, version: 3, minimumReaderVersion: 2).total_cents == 7)
        let refused = mistake(Sample.PlacedV2.self, newer, version: 3)
        #expect(refused.contains("has version 3") && refused.contains("reads up to 2") && refused.contains("replay the message"))
        #expect(mistake(Sample.PlacedV1.self, newer, version: 3, minimumReaderVersion: 2).contains("for readers of version 2 and newer"))
    }

    private struct Gap: Event {
        static let type = "gap"
        static let version = 3
        static let upcasters = [Upcaster(from: 1) { _ in }]
        var subject: String { "" }
    }

    private struct Throwing: Event {
        struct Refusal: Error {}
        static let type = "throwing"
        static let version = 2
        static let upcasters = [
            Upcaster(from: 1) { json in
                json["value"] = .number(.nan)
                if json["refuse"] != nil { throw Refusal() }
            }
        ]
        var subject: String { "" }
    }

    @Test func whatCannotBeReadIsSaid() {
        #expect(mistake(Gap.self, "{}", version: 1).contains("nothing leads from 2 to 3"))
        #expect(mistake(Gap.self, "{}", version: 0).contains("the first version is 1"))
        #expect(mistake(Gap.self, "{}", version: .min).contains("the first version is 1"))
        #expect(mistake(Gap.self, "{}", version: .max).contains("reads up to 3"))
        #expect(mistake(Gap.self, "{", version: 1).contains("is not as expected"))
        #expect(mistake(Sample.PlacedV2.self, #"{"id": "a"}"#, version: 1).contains("total_cents is missing"))
        #expect(mistake(Throwing.self, #"{"refuse": 1}"#, version: 1).contains("cannot be brought from version 1 to 2"))
        #expect(mistake(Throwing.self, "{}", version: 1).contains("make what is no JSON"))
    }

    @Test func numbersKeepTheirValue() throws {
        let text = #"{"a":[9007199254740993,-1,0.1,true,null,"x"],"b":{}}"#
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        #expect(value == ["a": [9007199254740993, -1, 0.1, true, nil, "x"], "b": [:]])
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(String(decoding: try encoder.encode(value), as: UTF8.self) == text)
    }
}
