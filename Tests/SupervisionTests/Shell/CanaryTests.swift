import Foundation
import Glibc
@testable import Supervision
import TestSupport
import Testing

/// Secrets of real processes: they arrive, and appear nowhere else.
@Suite(.timeLimit(.minutes(4)))
struct CanaryTests {
    private let first = "canary-\(UInt64.random(in: 0 ... .max))-first"
    private let second = "canary-\(UInt64.random(in: 0 ... .max))-second"

    private static let services = """
          order:
            command: SupervisionTestHost serve
            readiness: { http: /ready, period: 200ms }
            liveness: { exec: ["sh", "-c", "echo $STRIPE_KEY; echo $SMTP_URL >&2"], period: 100ms }
            secrets: { STRIPE_KEY: { file: stripe }, SMTP_URL: { credential: smtp } }
            stop: { grace: 2s }
        """

    @Test func aSecretArrivesAndAppearsNowhereElse() async throws {
        let signalbox = try RunningSignalbox { folder in
            mkdir("\(folder)/credentials", 0o700)
            try StateFile.write("\(first)\n".utf8, to: "\(folder)/stripe", mode: 0o600)
            try StateFile.write(first.utf8, to: "\(folder)/credentials/smtp", mode: 0o400)
            return RunningSignalbox.topology(services: Self.services)
        }
        let before = try await signalbox.isReady("order")
        try await expectEnvironment(of: before, ["STRIPE_KEY=\(first)", "SMTP_URL=\(first)"])

        // A secret that has changed is a rolling change, told by its variable alone.
        #expect(try await plan(signalbox).isEmpty)
        try StateFile.write(second.utf8, to: "\(signalbox.folder)/stripe", mode: 0o600)
        #expect(try await plan(signalbox) == ["order rolling secrets[STRIPE_KEY]"])
        // Not even a new supervisor takes it up before somebody applies it.
        let supervisor = try await signalbox.supervisorPID()
        kill(supervisor, SIGKILL)
        try await eventually("another supervisor") { [supervisor, nil].contains(try? await signalbox.supervisorPID()) == false }
        #expect(try await signalbox.isReady("order").instances.first?.pid == before.instances.first?.pid)
        #expect(try await plan(signalbox) == ["order rolling secrets[STRIPE_KEY]"])
        _ = try await signalbox.order("apply")
        let after = try await signalbox.service("order", "a new process") {
            $0.state == .ready && $0.instances.count == 1 && $0.instances[0].pid != before.instances[0].pid
        }
        try await expectEnvironment(of: after, ["STRIPE_KEY=\(second)", "SMTP_URL=\(first)"])
        #expect(try await plan(signalbox).isEmpty)

        // Every answer there is, then every file there is, and every command line.
        for order in ["status", "plan", "apply", "transitions 0 1000", "history order 1000", "restart order"] {
            expectNoCanary(try await signalbox.order(order), in: order)
        }
        for entry in try FileManager.default.contentsOfDirectory(atPath: "/proc") where Int(entry) != nil {
            let words = (try? Data(contentsOf: URL(filePath: "/proc/\(entry)/cmdline"))) ?? Data()
            expectNoCanary(String(decoding: words, as: UTF8.self), in: "the command line of \(entry)")
        }
        try expectNoCanary(below: signalbox.state)
        expectNoCanary(try String(contentsOfFile: "\(signalbox.folder)/keeper.log", encoding: .utf8), in: "keeper.log")
        #expect(try await signalbox.stop() == 0)
    }

    @Test func aMissingSecretIsAFailureThatNamesFileAndService() async throws {
        let signalbox = try RunningSignalbox(
            services: """
                  order:
                    command: SupervisionTestHost serve
                    secrets: { STRIPE_KEY: { file: stripe } }
                    restart: { limit: { restarts: 1, within: 60s } }
                """)
        let failed = try await signalbox.service("order", "failed") { $0.state == .failed }
        #expect(failed.reason?.contains("order's secret STRIPE_KEY: the secret's file \(signalbox.folder)/stripe cannot be read") == true)
        try StateFile.write("x".utf8, to: "\(signalbox.folder)/stripe", mode: 0o604)
        _ = try await signalbox.order("start order")
        let refused = try await signalbox.service("order", "failed again") { $0.state == .failed && $0.reason?.contains("mode") == true }
        #expect(refused.reason?.contains("has mode 0604") == true)
        chmod("\(signalbox.folder)/stripe", 0o600)
        _ = try await signalbox.order("start order")
        _ = try await signalbox.isReady("order")
        #expect(try await signalbox.stop() == 0)
    }

    private func plan(_ signalbox: RunningSignalbox) async throws -> [String] {
        try await signalbox.order("plan", as: ApplyPlan.self).services.filter { $0.action != .none }
            .map { "\($0.service) \($0.action.rawValue) \($0.reasons.joined(separator: " "))" }
    }

    private func expectEnvironment(of service: ServiceStatus, _ expected: [String]) async throws {
        let port = try #require(service.instances.first?.port)
        let lines = Set(try await HTTPText.get("/", port: port).split(separator: "\n").map(String.init))
        #expect(Set(expected).isSubset(of: lines))
    }

    private func expectNoCanary(_ text: String, in place: String) {
        #expect(!text.contains(first) && !text.contains(second), "a secret is in \(place)")
    }

    private func expectNoCanary(below folder: String) throws {
        var files = 0
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(path)") else { continue }
            files += 1
            expectNoCanary(String(decoding: bytes, as: UTF8.self), in: path)
        }
        #expect(files > 5)
    }
}
