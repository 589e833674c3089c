import Foundation
@testable import Supervision
import TestSupport
import Testing
@testable import Topology

/// Every key of the schema, through to what the reducer is told: what a plan calls another process is one, and nothing else is.
@Suite struct SchemaFingerprintTests {
    /// Keys that the difference is more careful with than a process' life needs, each with its reason: the plan says `in place` of them.
    private static let careful: [String: String] = [
        "broker.management_url": "only the supervisor asks there; it is another broker only with another url"
    ]

    @Test func aKeyThatMakesAnotherProcessIsInItsFingerprint() throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        for name in ["alpha", "beta"] { try StateFile.write("the secret \(name)".utf8, to: "\(folder)/\(name)", mode: 0o600) }
        var seen = 0
        for change in SchemaChange.all {
            guard let before = try? Topology.parse(change.before.written, file: "f"),
                let after = try? Topology.parse(change.after.written, file: "f"), after.service(named: "svc") != nil,
                before.service(named: "svc") != nil
            else { continue }
            let old = try #require(try supervised(before, folder).definition(of: "svc"))
            let new = try #require(try supervised(after, folder).definition(of: "svc"))
            let action = after.difference(from: before).change(of: "svc")?.action
            let isOther = old.fingerprint != new.fingerprint || old.foundation != new.foundation
            let isSaidToBe = action == .rolling || action == .recreate
            #expect(isOther == (isSaidToBe && Self.careful[change.name] == nil), "\(change)")
            seen += 1
        }
        #expect(seen > 100)
    }

    private func supervised(_ topology: Topology, _ folder: String) throws -> SupervisedTopology {
        var secrets = SecretHashes()
        for service in topology.services where !service.secrets.isEmpty {
            secrets.hashes[service.name] = service.secrets.mapValues { "\($0)" }
        }
        return try SupervisedTopology(
            topology, ports: ServerPorts(broker: .init(port: 1, management: 2, distribution: 3, epmd: 4), database: 5, cache: 6),
            passwords: SecretStore(folder: folder), secrets: secrets, directory: StateDirectory(path: "/state"),
            configuration: SupervisorConfiguration(
                topologyFile: "\(folder)/topology.yaml", stateDirectory: "/state", executable: "/opt/signalbox/bin/signalbox",
                environment: ["ALPHA": "one", "BETA": "another", "VARIABLE": "given"]))
    }
}
