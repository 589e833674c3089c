import Foundation
import ServiceKit
import TestSupport
import Testing

/// The events of the code against the record of what was published.
struct CheckTests {
    private static func record(_ events: any Event.Type...) throws -> [ContractRecord] { try events.map { try ContractRecord(of: $0) } }

    private func check(_ event: any Event.Type, after published: any Event.Type...) throws -> ContractCheck {
        ContractCheck([event], records: try published.map { try ContractRecord(of: $0) })
    }

    private struct Removed: Event {
        static let type = "order.placed"
        var subject: String { id }
        var id: String
        var colour: Sample.Colour
        var note: String?
    }

    private struct Grown: Event {
        static let type = "order.placed"
        var subject: String { id }
        var id: String
        var total: Int
        var colour: Sample.Colour
        var note: String?
        var gift: Bool?
    }

    private struct WithoutUpcaster: Event {
        static let type = "order.placed"
        static let version = 2
        var subject: String { id }
        var id: String
    }

    private struct WrongUpcaster: Event {
        static let type = "order.placed"
        static let version = 2
        static let upcasters = [Upcaster(from: 1) { json in json["totalCents"] = json["total"] }]
        var subject: String { id }
        var id: String
        var total_cents: Int
    }

    private struct NarrowedColour: Event {
        enum Colour: String, Codable, CaseIterable { case red }
        static let type = "order.placed"
        static let version = 2
        static let upcasters = [Upcaster(from: 1) { _ in }]
        var subject: String { id }
        var id: String
        var colour: Colour
    }

    private struct UnusableUpcasters: Event {
        static let type = "order.placed"
        static let version = 2
        static let upcasters = [Upcaster(from: 1) { _ in }, Upcaster(from: 1) { _ in }, Upcaster(from: 2) { _ in }]
        var subject: String { id }
        var id: String
    }

    private struct WrongReader: Event {
        static let type = "order.placed"
        static let version = 2
        static let minimumReaderVersion = 1
        static let upcasters = [Upcaster(from: 1) { _ in }]
        var subject: String { id }
        var id: String
    }

    private struct FutureReader: Event {
        static let type = "order.placed"
        static let minimumReaderVersion = 2
        var subject: String { "" }
    }

    @Test func whatIsAsPublishedIsRight() throws {
        #expect(try check(Sample.PlacedV1.self, after: Sample.PlacedV1.self).mistakes.isEmpty)
        #expect(try check(Sample.PlacedV3.self, after: Sample.PlacedV1.self, Sample.PlacedV2.self, Sample.PlacedV3.self).mistakes.isEmpty)
    }

    @Test func whatIsNewIsRecorded() throws {
        let first = try check(Sample.PlacedV1.self)
        #expect(first.mistakes.map(\.kind) == [.unrecorded] && first.unrecorded.map(\.fileName) == ["order.placed.v1.json"])
        #expect(first.mistakes[0].description.contains("RECORD_CONTRACTS=1 swift test"))
        let second = try check(Sample.PlacedV2.self, after: Sample.PlacedV1.self)
        #expect(second.mistakes.map(\.kind) == [.unrecorded] && second.unrecorded.map(\.version) == [2])
        let grown = try check(Grown.self, after: Sample.PlacedV1.self)
        #expect(grown.mistakes.map(\.kind) == [.unrecorded] && grown.unrecorded.map(\.version) == [1])
        #expect(grown.mistakes[0].message.contains("gift: the optional field is new. That is no new version"))
    }

    @Test func whatWouldBreakIsRefusedWithWhatToDo() throws {
        let found = try check(Removed.self, after: Sample.PlacedV1.self)
        #expect(found.mistakes.map(\.kind) == [.incompatible] && found.unrecorded.isEmpty)
        #expect(
            found.mistakes[0].description.contains("order.placed version 1: total: the field was removed")
                && found.mistakes[0].message.contains("set 'version' to 2, give it an Upcaster(from: 1)"))
    }

    @Test func versionsDoNotGoBack() throws {
        #expect(try check(Sample.PlacedV1.self, after: Sample.PlacedV2.self).mistakes.map(\.kind) == [.versionWentBack])
        #expect(try check(FutureReader.self).mistakes.map(\.kind) == [.versionWentBack])
    }

    @Test func upcastersAreThereAndRight() throws {
        let missing = try check(WithoutUpcaster.self, after: Sample.PlacedV1.self)
        #expect(missing.mistakes.map(\.kind) == [.unrecorded, .upcasterMissing])
        #expect(missing.mistakes[1].message.contains("add an Upcaster(from: 1)"))
        let wrong = try check(WrongUpcaster.self, after: Sample.PlacedV1.self)
        #expect(wrong.mistakes.map(\.kind) == [.unrecorded, .upcasterWrong])
        #expect(wrong.mistakes[1].message.contains("total_cents is missing"))
        // Each value that the record lists is tried.
        #expect(try check(NarrowedColour.self, after: Sample.PlacedV1.self).mistakes.map(\.kind) == [.unrecorded, .upcasterWrong])
        #expect(
            try check(UnusableUpcasters.self, after: Sample.PlacedV1.self).mistakes.map(\.kind)
                == [.unrecorded, .upcasterUnusable, .upcasterUnusable])
    }

    @Test func olderReadersCanReadWhatIsSaidToBeForThem() throws {
        let found = try check(WrongReader.self, after: Sample.PlacedV1.self)
        #expect(found.mistakes.map(\.kind) == [.unrecorded, .readerWrong, .readerWrong])
        #expect(found.mistakes.contains { $0.message.contains("raise minimumReaderVersion") })
    }

    @Test func nothingIsForgotten() throws {
        let gone = ContractCheck([], records: try Self.record(Sample.PlacedV1.self))
        #expect(gone.mistakes.map(\.kind) == [.noLongerThere])
        let twice = ContractCheck([Sample.PlacedV1.self, Grown.self], records: try Self.record(Sample.PlacedV1.self))
        #expect(twice.mistakes.map(\.kind) == [.ambiguous])
    }

    @Test func theFolderIsWrittenOnlyWhenAskedAndRight() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "contracts-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = ContractFolder(path)
        #expect(throws: ContractMistakes.self) { try folder.verify([Sample.PlacedV1.self]) }
        #expect(!FileManager.default.fileExists(atPath: path))
        try folder.verify([Sample.PlacedV1.self], isRecording: true)
        try folder.verify([Sample.PlacedV1.self])
        #expect(throws: ContractMistakes.self) { try folder.verify([Removed.self], isRecording: true) }
        try folder.verify([Sample.PlacedV1.self])
        try folder.verify([Sample.PlacedV2.self], isRecording: true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: path).sorted() == ["order.placed.v1.json", "order.placed.v2.json"])
        try Data("{}".utf8).write(to: URL(filePath: path).appending(path: "order.placed.v9.json"))
        #expect(throws: ContractMistakes.self) { try folder.verify([Sample.PlacedV2.self], isRecording: true) }
    }
}
