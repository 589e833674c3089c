import Foundation
@testable import Supervision
import TestSupport
import Testing
import Topology

/// From the file to what processes are handed, and to what an apply does.
@Suite struct SupervisedTopologyTests {
    private static let yaml = """
        name: shop
        database: { managed: true }
        cache: { managed: true }
        services:
          gateway:
            command: signalbox gateway
            listen: 127.0.0.1:8080
            depends_on: [broker, cache]
          order:
            command: shop order
            depends_on: [broker, database, cache]
            publishes: [shop.events]
            environment: { LOG_LEVEL: info }
            readiness: { http: /health/ready }
          files:
            command: shop files
            depends_on: [broker]
          migrate: { command: shop migrate, type: one-shot }
          report: { command: shop report, schedule: "@hourly" }
        exchanges: { shop.events: { type: topic } }
        queues:
          order.events: { bindings: [{ exchange: shop.events, key: a }], consumer: order, retry: { immediate: 2, delays: [500ms, 5s] } }
          FileBrowser: { consumer: files, type: classic, durable: false }
        routes:
          - { path: /order, service: order, cache: { ttl: 30s, invalidate_on: [a, b] } }
          - { path: /files, queue: FileBrowser }
        """

    private func supervised(
        _ yaml: String = yaml, environment: [String: String] = [:], secrets: SecretHashes = SecretHashes()
    ) throws -> SupervisedTopology {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let passwords = SecretStore(folder: folder)
        for name in [
            "broker-administrator", "database-superuser", "cache", "broker-order", "broker-gateway", "broker-files", "database-order",
            "fingerprint-key",
        ] {
            try StateFile.write(String(repeating: name.first ?? "x", count: SecretStore.length).utf8, to: "\(folder)/\(name)", mode: 0o600)
        }
        return try SupervisedTopology(
            try Topology.parse(yaml, file: "topology.yaml"),
            ports: ServerPorts(broker: .init(port: 1, management: 2, distribution: 3, epmd: 4), database: 5, cache: 6),
            passwords: passwords,
            secrets: secrets, directory: StateDirectory(path: "/state"),
            configuration: SupervisorConfiguration(
                topologyFile: "/srv/shop/topology.yaml", stateDirectory: "/state", executable: "/opt/signalbox/bin/signalbox",
                environment: environment))
    }

    @Test func aProcessIsHandedWhatItNeedsAndNothingElse() throws {
        let topology = try supervised(environment: ["PATH": "/usr/bin", "HOME": "/root", "SECRET": "x"])
        let values = try #require(topology.environment(of: "order")).values(instance: 2, port: 20_001)
        #expect(
            values == [
                "PATH": "/opt/signalbox/bin:/usr/bin", "HOME": "/root", "LANG": "C.UTF-8", "SIGNALBOX_SERVICE": "order",
                "SIGNALBOX_INSTANCE": "2", "SIGNALBOX_STATE": "/state", "SIGNALBOX_TRACES": "/state/traces",
                "SIGNALBOX_GATEWAY_CONFIGURATION": "/state/run/gateway.json",
                "PORT": "20001", "LOG_LEVEL": "info", "AMQP_URL": "amqp://order:\(String(repeating: "b", count: 32))@127.0.0.1:1/shop",
                "DATABASE_URL": "postgres://order:\(String(repeating: "d", count: 32))@127.0.0.1:5/shop",
                "REDIS_URL": "redis://:\(String(repeating: "c", count: 32))@127.0.0.1:6/0", "SIGNALBOX_CACHE_EVENTS": "a,b",
                "SIGNALBOX_CACHE_EXCHANGES": "shop.events",
                "SIGNALBOX_EVENTS_EXCHANGE": "shop.events",
                "SIGNALBOX_QUEUES":
                    #"{"order.events":{"delays":[0.5,5],"immediate":2,"prefetch":32,"retry_exchange":"order.retry"}}"#,
            ])
        let files = try #require(topology.environment(of: "files")).common
        #expect(files["DATABASE_URL"] == nil && files["REDIS_URL"] == nil && files["SIGNALBOX_CACHE_EVENTS"] == nil)
    }

    @Test func aVariableWithoutAValueIsPassedOnWhereThereIsOne() throws {
        let yaml = "name: shop\nservices: { a: { command: sleep 1, environment: { GIVEN: x, PASSED: , MISSING: } } }"
        let values = try #require(try supervised(yaml, environment: ["PASSED": "y", "OTHER": "z"]).environment(of: "a")).common
        #expect(values["GIVEN"] == "x" && values["PASSED"] == "y" && values["MISSING"] == nil && values["OTHER"] == nil)
    }

    @Test func definitionsSayWhatTheReducerHasToKnow() throws {
        let topology = try supervised()
        #expect(topology.definitions.map(\.name) == ["broker", "database", "cache", "gateway", "order", "files", "migrate", "report"])
        #expect(topology.definition(of: "migrate")?.range == 0...1 && topology.definition(of: "report")?.range == 0...1)
        #expect(topology.definition(of: "gateway")?.fronts == ["files", "order"])
        #expect(topology.definition(of: "order")?.takesRequests == true)
        #expect(topology.definition(of: "files")?.takesRequests == false)
        #expect(topology.definition(of: "database")?.stop.signal == "INT")
        #expect(topology.folder == "/srv/shop")
    }

    @Test func theHostsOwnVariablesRestartNothing() throws {
        let one = try supervised(environment: ["PATH": "/usr/bin", "LANG": "C"])
        let other = try supervised(environment: ["PATH": "/bin", "HOME": "/", "TZ": "UTC"])
        #expect(one.definitions.map(\.fingerprint) == other.definitions.map(\.fingerprint))
    }

    @Test(arguments: [
        ("LOG_LEVEL: info", "LOG_LEVEL:    \"info\"", [String]()),
        ("LOG_LEVEL: info", "LOG_LEVEL: debug", ["order rolling environment"]),
        ("readiness: { http: /health/ready }", "readiness: { http: /ready }", ["order in place readiness"]),
        ("command: shop files", "command: shop files\n    instances: 3", ["files in place instances"]),
        ("immediate: 2", "immediate: 3", ["order rolling queues[order.events].retry"]),
        (
            "invalidate_on: [a, b]", "invalidate_on: [a]",
            ["gateway rolling routes.cache.invalidate_on", "order rolling routes.cache.invalidate_on"]
        ),
        (
            "cache: { managed: true }", "cache: { url: \"redis://h:1/0\" }",
            ["cache recreate cache", "gateway recreate cache", "order recreate cache"]
        ),
        ("listen: 127.0.0.1:8080", "listen: 127.0.0.1:8081", ["gateway rolling listen"]),
        ("shop migrate,", "shop migrate --all,", ["migrate recreate command"]),
        ("shop report,", "shop report --all,", ["report in place command"]),
        ("schedule: \"@hourly\"", "schedule: \"@daily\"", ["report in place schedule"]),
        ("command: shop migrate, type: one-shot", "command: shop migrate", ["migrate recreate type restart"]),
        ("command: shop report, schedule: \"@hourly\"", "command: shop report", ["report recreate schedule restart"]),
    ])
    func aPlanSaysWhatHappensAndWhy(before: String, after: String, expected: [String]) throws {
        let plan = PlanComposer(from: try supervised(), to: try supervised(Self.yaml.replacing(before, with: after))).plan
        #expect(changes(plan) == expected)
        #expect(plan.services.map(\.service) == ["broker", "database", "cache", "gateway", "order", "files", "migrate", "report"])
        #expect(plan.services.allSatisfy { $0.action != .none || $0.reasons.isEmpty })
        #expect(plan.isEmpty == (expected.isEmpty && plan.notes.isEmpty))
    }

    @Test func whatDoesNotRunIsNotReplaced() throws {
        let other = try supervised(Self.yaml.replacing("LOG_LEVEL: info", with: "LOG_LEVEL: debug"))
        let plan = PlanComposer(from: try supervised(), to: other, resting: ["order"]).plan
        #expect(changes(plan) == ["order in place environment \(PlanComposer.restingReason)"])
    }

    @Test func anotherKindOfServiceHasAnotherFoundation() throws {
        let lines = ["command: sleep 1", "command: sleep 1, type: one-shot", "command: sleep 1, schedule: \"@daily\""]
        let definitions = try lines.map { line in
            try #require(try supervised("name: shop\nservices: { a: { \(line) } }").definition(of: "a"))
        }
        #expect(Set(definitions.map(\.foundation)).count == 3)
        // It is the same program: an upgrade runs no migration again.
        #expect(Set(definitions.map(\.fingerprint)).count == 1)
    }

    private func changes(_ plan: ApplyPlan) -> [String] {
        plan.services.filter { $0.action != .none }.map { "\($0.service) \($0.action.rawValue) \($0.reasons.joined(separator: " "))" }
    }

    @Test func servicesComeAndGo() throws {
        let without = Self.yaml.replacing("  files:\n    command: shop files\n    depends_on: [broker]\n", with: "")
            .replacing("  FileBrowser: { consumer: files, type: classic, durable: false }\n", with: "")
            .replacing("\n  - { path: /files, queue: FileBrowser }", with: "")
        let gone = PlanComposer(from: try supervised(), to: try supervised(without)).plan
        #expect(changes(gone) == ["files stop removed"])
        let back = PlanComposer(from: try supervised(without), to: try supervised()).plan
        #expect(changes(back) == ["files start new"])
    }

    @Test func aChangedSecretIsNamedByItsVariable() throws {
        let yaml = Self.yaml.replacing(
            "environment: { LOG_LEVEL: info }", with: "secrets: { STRIPE_KEY: { file: stripe }, OTHER: { file: o } }")
        var before = SecretHashes()
        before.hashes["order"] = ["STRIPE_KEY": "1", "OTHER": "2"]
        var after = before
        after.hashes["order"]?["STRIPE_KEY"] = "3"
        let same = PlanComposer(from: try supervised(yaml, secrets: before), to: try supervised(yaml, secrets: before)).plan
        #expect(changes(same).isEmpty)
        let other = PlanComposer(from: try supervised(yaml, secrets: before), to: try supervised(yaml, secrets: after)).plan
        #expect(changes(other) == ["order rolling secrets[STRIPE_KEY]"])
    }

    @Test func whatWasRolledBackIsStillToDo() throws {
        let old = try supervised()
        let new = try supervised(Self.yaml.replacing("LOG_LEVEL: info", with: "LOG_LEVEL: debug"))
        let refused = Remembered.RolledBack(fingerprint: new.definition(of: "order")?.fingerprint ?? "", reason: "it did not come up")
        // The file says what was applied before; what runs is the declaration before that.
        let again = PlanComposer(from: new, to: new, inForce: ["order": old], rolledBack: ["order": refused]).plan
        #expect(changes(again) == ["order rolling environment rolled back before: it did not come up"])
        let back = PlanComposer(from: new, to: old, inForce: ["order": old], rolledBack: ["order": refused]).plan
        #expect(back.services.first { $0.service == "order" }?.action == ApplyPlan.Step.Action.none)
    }

    @Test func whatCameLaterToTheSchemaCountsOnlyWhereItIsUsed() throws {
        let plain = try supervised()
        for (key, isSame) in [
            ("umask: \"027\"", false), ("watchdog: 10s", false), ("logs: { to: both }", false), ("logs: { to: files }", true),
        ] {
            let other = try supervised(
                Self.yaml.replacing("environment: { LOG_LEVEL: info }", with: "environment: { LOG_LEVEL: info }\n    \(key)"))
            #expect((other.definition(of: "order")?.fingerprint == plain.definition(of: "order")?.fingerprint) == isSame, "\(key)")
            #expect(other.definition(of: "files")?.fingerprint == plain.definition(of: "files")?.fingerprint)
        }
        let watched = try supervised(Self.yaml.replacing("publishes: [shop.events]", with: "publishes: [shop.events]\n    watchdog: 10s"))
        #expect(watched.environment(of: "order")?.common["WATCHDOG_USEC"] == "10000000")
    }

    @Test func whatIsPassedOnCannotBeReadFromAFingerprint() throws {
        let yaml = "name: shop\nservices: { a: { command: sleep 1, environment: { PASSED: } } }"
        let one = try supervised(yaml, environment: ["PASSED": "y"])
        let other = try supervised(yaml, environment: ["PASSED": "z"])
        #expect(one.definition(of: "a")?.fingerprint != other.definition(of: "a")?.fingerprint)
        #expect(one.environment(of: "a")?.fingerprintParts(KeyedHash(key: [1])).contains("y") == false)
    }

    @Test func addressesArePutTogetherAndTakenApart() throws {
        let address = try #require(ServerAddress(url: "amqp://us%40er@[::1]:5673/a%2Fb?x=y", password: "p:/@", defaultPort: 5672))
        #expect(address.host == "::1" && address.port == 5673 && address.user == "us@er" && address.path == "a/b")
        #expect(address.url == "amqp://us%40er:p%3A%2F%40@[::1]:5673/a%2Fb")
        let plain = try #require(ServerAddress(url: "redis://cache.local", password: "", defaultPort: 6379))
        #expect(plain.url == "redis://cache.local:6379/")
        #expect(ServerAddress(url: "nonsense", password: "", defaultPort: 1) == nil)
    }

    @Test func namesInTheDatabaseCannotCollide() {
        #expect(DatabaseNames.database(of: "my-shop") == "my_shop")
        #expect(DatabaseNames.database(of: "postgres") == "postgres_topology")
        #expect(DatabaseNames.role(of: "postgres") == "service_postgres")
        #expect(DatabaseNames.role(of: "pg_x") == "service_pg_x")
        #expect(DatabaseNames.role(of: "order", in: "shop") == "shop_order")
        let long = DatabaseNames.role(of: String(repeating: "s", count: 40), in: String(repeating: "t", count: 40))
        #expect(long.utf8.count <= 63)
        #expect(DatabaseNames.quoted("a\"b") == "\"a\"\"b\"")
        #expect(DatabaseNames.literal("a'b") == "'a''b'")
    }
}
