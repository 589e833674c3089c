import Testing

@testable import Topology

/// The recorded contracts against what the topology says is published.
struct ContractCatalogueTests {
    private static func record(_ type: String, version: Int = 1, more: String = "") -> ContractFile {
        ContractFile(
            path: "contracts/\(type).v\(version).json",
            text: #"{"type": "\#(type)", "version": \#(version)\#(more), "schema": {"type": "object", "title": "T"}}"#)
    }

    private static let all = ["order.created", "order.confirmed", "payment.success", "payment.failed"].map { record($0) }

    private func found(_ source: ContractSource, in text: String = MessagingMistakes.file) -> [TopologyMistake] {
        var folders: [String] = []
        do {
            _ = try Topology.parse(text, file: "t.yaml") { folder in
                folders.append(folder)
                return source
            }
            return []
        } catch {
            #expect(folders.count == 1)
            return error.mistakes
        }
    }

    private func expect(
        _ found: [TopologyMistake], _ place: String, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(found.map { "\($0.file):\($0.line):\($0.column)" } == [place], "\(found)", sourceLocation: sourceLocation)
        for word in words { #expect(found.first?.message.contains(word) == true, "\(found)", sourceLocation: sourceLocation) }
    }

    @Test func whatIsPublishedIsRecordedAndTheOtherWayRound() {
        #expect(found(.files(Self.all)).isEmpty)
        expect(
            found(.files(Array(Self.all.dropFirst()))), "t.yaml:11:51", "there is no recorded contract of \"order.created\"",
            "record it with")
        expect(
            found(
                .files(Self.all.dropFirst() + [Self.record("order.creatd")]),
                in: MessagingMistakes.file.replacing("name: shop", with: "name: shop\ncontracts: recorded")
            ).filter { $0.line != 2 },
            "t.yaml:12:51", "did you mean \"order.creatd\"?")
        expect(
            found(.files(Self.all + [Self.record("stock.counted")])), "t.yaml:1:1", "the contract of \"stock.counted\" is recorded",
            "no service publishes it", "add it to a service's publishes, or delete its records")
        // Who names the exchange alone may publish anything.
        let open = MessagingMistakes.file.replacing(
            "{ exchange: shop.events, events: [payment.success, payment.failed] }", with: "shop.events")
        #expect(found(.files(Self.all + [Self.record("stock.counted")]), in: open).isEmpty)
    }

    @Test func theFolderIsThereWhenTheFileNamesIt() {
        #expect(found(.absent).isEmpty && found(.files([])).isEmpty)
        let named = MessagingMistakes.file.replacing("name: shop", with: "name: shop\ncontracts: recorded")
        expect(found(.absent, in: named), "t.yaml:2:12", "there is no folder recorded", "correct the path")
        expect(found(.files([]), in: named), "t.yaml:2:12", "holds no recorded contract")
        expect(found(.unreadable("Permission denied"), in: named), "t.yaml:2:12", "cannot be read: Permission denied", "make it readable")
        expect(
            found(.files(Self.all), in: named.replacing("contracts: recorded", with: "contracts: [a]")), "t.yaml:2:12", "found a list",
            "expected a folder")
    }

    @Test(arguments: [
        ("", "the file is empty"), ("[]", "found no object"), ("{", "not valid YAML"),
        ("{\"type\": \"a\"}", "expected \"type\", \"version\" and \"schema\""),
        (#"{"type": "a.*", "version": 1, "schema": {}}"#, "expected \"type\""),
        (#"{"type": "a", "version": 0, "schema": {}}"#, "expected \"type\""),
        (#"{"type": "a", "version": 1, "schema": 5}"#, "expected \"type\""),
        (#"{"type": "a", "version": one, "schema": {}}"#, "found no object"),
        (String(repeating: "[", count: 300) + String(repeating: "]", count: 300), "found no object"),
    ])
    func whatIsNoRecordIsToldInItsFile(text: String, words: String) {
        let found = found(.files(Self.all + [ContractFile(path: "contracts/x.json", text: text)]))
        #expect(found.count == 1 && found.first?.file == "contracts/x.json" && found.first?.message.contains(words) == true, "\(found)")
    }

    @Test func versionsAreInOrder() throws {
        let files = [
            Self.record("a", version: 10, more: #", "minimum_reader_version": 9"#), Self.record("b"), Self.record("a", version: 9),
        ]
        let catalogue = try ContractCatalogue(files)
        #expect(catalogue.types == ["a", "b"])
        #expect(catalogue.versions(of: "a").map(\.version) == [9, 10])
        #expect(catalogue.versions(of: "a").map(\.minimumReaderVersion) == [9, 9])
        var copy = Self.record("b")
        copy.path = "contracts/copy.json"
        #expect(throws: TopologyMistakes.self) { try ContractCatalogue(files + [copy]) }
    }
}
