import Testing

@testable import Topology

/// Every key of the schema is part of the difference: whoever adds one cannot forget it there.
struct SchemaDifferenceTests {
    /// Keys that change nothing about what runs, each with its reason.
    private static let irrelevant: [String: String] = [
        "contracts": "records are for checks and for the export",
        "services.*.publishes.-.events": "event types are for checks and for the export; what may be published is said by exchange",
    ]

    /// Keys that take one value only, which is their default or no check at all, so that they cannot change.
    private static let constant: [String: String] = [
        "services.*.startup.success_threshold": "a startup probe is over when it has succeeded once",
        "services.*.liveness.success_threshold": "an instance that fails is restarted, so that no success follows",
        "services.*.liveness.notify": "READY=1 says nothing of liveness",
    ]

    @Test func everyKeyIsInTheDifference() throws {
        for change in SchemaChange.all where Self.constant[change.name] == nil {
            let before = parsed(change.before, change)
            let after = parsed(change.after, change)
            guard let before, let after else { continue }
            let difference = after.difference(from: before)
            #expect(isNamed(change.path, in: difference) == (Self.irrelevant[change.name] == nil), "\(change)\n  \(difference)")
            #expect(before.difference(from: before).isEmpty && after.difference(from: after).isEmpty)
        }
    }

    @Test func whatIsExceptedIsInTheSchemaAndCannotChange() {
        for name in Self.constant.keys {
            let changes = SchemaChange.all.filter { $0.name == name }
            #expect(!changes.isEmpty, "\(name)")
            for change in changes {
                #expect(!mistakes(change.before.written).isEmpty || !mistakes(change.after.written).isEmpty, "\(change)")
            }
        }
        #expect(Set(Self.irrelevant.keys).isSubset(of: SchemaChange.all.map(\.name)))
    }

    @Test func everyTableIsGoneThrough() {
        let names = Set(SchemaChange.all.map(\.name))
        for key in ServiceKey.allCases { #expect(names.contains { $0.hasPrefix("services.*.\(key.rawValue)") }, "\(key)") }
        for key in FileKey.allCases { #expect(names.contains { $0.hasPrefix(key.rawValue) }, "\(key)") }
        for key in QueueKey.allCases { #expect(names.contains { $0.hasPrefix("queues.*.\(key.rawValue)") }, "\(key)") }
        for key in ExchangeKey.allCases { #expect(names.contains("exchanges.*.\(key.rawValue)"), "\(key)") }
        for key in RouteKey.allCases { #expect(names.contains { $0.hasPrefix("routes.-.\(key.rawValue)") }, "\(key)") }
        #expect(names.isSuperset(of: ["services.*.restart.exceptions.-.on", "services.*.depends_on.*.condition", "logs.max_age"]))
    }

    private func parsed(_ file: YAMLTree, _ change: SchemaChange) -> Topology? {
        do {
            return try Topology.parse(file.written, file: "f")
        } catch {
            Issue.record("\(change)\n  \(error)")
            return nil
        }
    }

    /// Whether the difference says of the key that it has changed, or of the one that holds it.
    private func isNamed(_ path: [String], in difference: TopologyDifference) -> Bool {
        let service = difference.change(of: "svc")
        switch path[0] {
        case "name": return difference.isNameChanged
        case "broker", "database", "cache": return difference.servers == [path[0]]
        case "admin": return difference.isAdminChanged
        case "logs": return service?.reasons == ["logs"] && service?.action == .rolling
        case "services": return service?.reasons.contains(path[2]) == true && service?.action != ServiceChange.Action.none
        case "exchanges", "queues": return difference.isBrokerDeclarationChanged
        case "routes": return difference.areRoutesChanged
        default: return false
        }
    }

    @Test func whatIsOnlyWrittenOtherwiseIsTheSame() throws {
        let old = try Topology.parse(wholeFile, file: "t")
        let spaced = wholeFile.replacing("\n", with: "   # remark\n\n").replacing(", ", with: ",   ")
        #expect(try Topology.parse(spaced, file: "t").difference(from: old).isEmpty)
        let respelled = wholeFile.replacing("1h,", with: "60m,").replacing("8M", with: "8192K").replacing("100ms", with: "0.1s")
            .replacing("\"027\"", with: "0027").replacing("command: signalbox gateway", with: "command: [signalbox, gateway]")
        #expect(respelled != wholeFile)
        #expect(try Topology.parse(respelled, file: "t").difference(from: old).isEmpty)
    }
}
