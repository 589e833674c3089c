import ServiceKit
import Testing

/// Each rule of what may change within one version, and of what an older reader can still read.
struct ComparisonTests {
    struct Change: Sendable, CustomTestStringConvertible {
        var before: ContractSchema
        var after: ContractSchema
        var kind: ContractChange.Kind
        /// An older reader, which knows `before`, reads `after`.
        var isReadable: Bool

        var testDescription: String { "\(kind)" }
    }

    private static func object(_ fields: ContractField...) -> ContractSchema { .object(fields) }
    private static let id = ContractField("id", .string())

    static let changes: [Change] = [
        Change(before: object(id, .init("a", .integer())), after: object(id), kind: .fieldRemoved, isReadable: false),
        Change(before: object(id, .init("a", .integer(), isRequired: false)), after: object(id), kind: .fieldRemoved, isReadable: true),
        Change(before: object(id), after: object(id, .init("a", .integer())), kind: .requiredFieldAdded, isReadable: true),
        Change(
            before: object(id), after: object(id, .init("a", .integer(), isRequired: false)), kind: .optionalFieldAdded, isReadable: true),
        Change(
            before: object(.init("a", .integer())), after: object(.init("a", .integer(), isRequired: false)), kind: .madeOptional,
            isReadable: false),
        Change(
            before: object(.init("a", .integer(), isRequired: false)), after: object(.init("a", .integer())), kind: .madeRequired,
            isReadable: true),
        Change(before: object(.init("a", .integer())), after: object(.init("a", .string())), kind: .retyped, isReadable: false),
        Change(before: object(.init("a", .integer())), after: object(.init("a", .number)), kind: .retyped, isReadable: false),
        Change(before: object(.init("a", .string())), after: object(.init("a", .choice(["x"]))), kind: .retyped, isReadable: false),
        Change(before: object(.init("a", .array(.string()))), after: object(.init("a", .string())), kind: .retyped, isReadable: false),
        Change(
            before: object(.init("a", .array(.string()))), after: object(.init("a", .array(.integer()))), kind: .retyped, isReadable: false),
        Change(before: object(.init("a", .map(.string()))), after: object(.init("a", .map(.boolean))), kind: .retyped, isReadable: false),
        Change(
            before: object(.init("a", .integer())), after: object(.init("a", .integer(minimum: 0))), kind: .boundsChanged, isReadable: false
        ),
        Change(
            before: object(.init("a", .string(format: "uuid"))), after: object(.init("a", .string())), kind: .formatChanged,
            isReadable: false),
        Change(
            before: object(.init("a", .choice(["x", "y"]))), after: object(.init("a", .choice(["x"]))), kind: .valueRemoved,
            isReadable: true),
        Change(
            before: object(.init("a", .choice(["x"]))), after: object(.init("a", .choice(["x", "y"]))), kind: .valueAdded, isReadable: false
        ),
        Change(
            before: object(.init("a", .array(.string()))), after: object(.init("a", .array(.nullable(.string())))), kind: .nullAllowed,
            isReadable: false),
        Change(
            before: object(.init("a", .array(.nullable(.string())))), after: object(.init("a", .array(.string()))), kind: .nullRefused,
            isReadable: true),
        Change(
            before: object(.init("a", .array(object(id, .init("b", .integer()))))), after: object(.init("a", .array(object(id)))),
            kind: .fieldRemoved, isReadable: false),
        Change(
            before: object(.init("a", .map(object(id, .init("b", .integer(), isRequired: false))))),
            after: object(.init("a", .map(object(id)))), kind: .fieldRemoved, isReadable: true),
    ]

    private func document(_ root: ContractSchema) -> ContractDocument { ContractDocument(title: "T", root: root) }

    @Test(arguments: changes) func eachChangeIsSeen(change: Change) {
        let found = ContractComparison.changes(from: document(change.before), to: document(change.after))
        #expect(found.map(\.kind) == [change.kind])
        #expect(found.allSatisfy(ContractCompatibility.isAllowed) == (change.kind == .optionalFieldAdded))
        #expect(
            ContractCompatibility.obstacles(reader: document(change.before), written: document(change.after)).isEmpty == change.isReadable)
        #expect(ContractComparison.changes(from: document(change.before), to: document(change.before)).isEmpty)
    }

    @Test func everyKindOfChangeIsTried() {
        #expect(Set(Self.changes.map(\.kind)) == Set(ContractChange.Kind.allCases))
    }

    @Test func placesAreNamed() {
        let before = Self.object(.init("a", .array(Self.object(.init("b", .map(.array(.integer())))))))
        let after = Self.object(.init("a", .array(Self.object(.init("b", .map(.array(.string())))))))
        let found = ContractComparison.changes(from: document(before), to: document(after))
        #expect(found.map(\.description) == ["a[].b.*[]: the type was changed (integer → text)"])
    }

    @Test func typesThatHoldThemselvesComeToAnEnd() {
        func document(_ value: ContractSchema) -> ContractDocument {
            ContractDocument(
                title: "T", root: .reference("Node"),
                definitions: ["Node": Self.object(.init("next", .reference("Node"), isRequired: false), .init("value", value))])
        }
        #expect(ContractComparison.changes(from: document(.string()), to: document(.string())).isEmpty)
        #expect(ContractComparison.changes(from: document(.string()), to: document(.boolean)).map(\.path) == ["value"])
    }
}
