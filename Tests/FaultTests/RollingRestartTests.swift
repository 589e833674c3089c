import Foundation
import Glibc
import HTTPClient
import Testing
import TestSupport

extension Faults {
    /// Restarts and updates that no client notices.
    @Suite struct RollingRestartTests {
        private static func services(port: Int) -> String {
            """
              gateway:
                command: signalbox gateway
                listen: 127.0.0.1:\(port)
                depends_on: [broker]
                readiness: { http: /health/ready, period: 100ms }
              web:
                command: FaultTestHost serve
                instances: 2
                readiness: { http: /ready, period: 100ms }
                environment: { FAULTS_OVERLAP: "1", VERSION: one }
                update: { ready_within: 3s }
            """
        }
        private static let routes = "routes: [{ path: /web, methods: [GET], service: web, rewrite: / }]"

        @Test func underLoadNoRequestFails() async throws {
            let port = freePort()
            try await RunningTopology.run(Self.services(port: port), rest: Self.routes) { topology in
                try await Self.firstAnswer(port)
                let load = KeepAliveLoad(port: port, path: "/web")
                let wrk = try WrkLoad(url: "http://127.0.0.1:\(port)/web", folder: topology.folder)
                var slowest = Duration.zero
                for _ in 1...FaultScale.count(5, full: 50) {
                    for service in ["web", "gateway"] {
                        let begin = ContinuousClock.now
                        let before = try await topology.processIDs()
                        let restarted = try await topology.signalbox("restart", service)
                        #expect(restarted.status == 0, "\(restarted.errors)")
                        try await topology.waitUntilReady(service)
                        let after = try await topology.processIDs()
                        for (name, process) in after where name.hasPrefix(service) { #expect(before[name] != process, "\(name)") }
                        slowest = max(slowest, begin.duration(to: .now))
                    }
                }
                let result = await load.stop()
                FaultScale.note(
                    "rolling restarts: \(result.answered) requests, \(result.failed) failed, slowest answer \(result.slowest), "
                        + "\(result.connections) connections, slowest restart \(slowest)")
                #expect(result.failed == 0, "\(result.failures)")
                #expect(result.answered > 100)
                if let wrk {
                    let report = try await wrk.stop()
                    FaultScale.note("wrk: \(report)")
                    #expect(report.contains("requests in"))
                    #expect(!report.contains("Socket errors") && !report.contains("Non-2xx"))
                }
            }
        }

        @Test(arguments: ["FaultTestHost wait", "FaultTestHost exit 3", "no-such-program"])
        func aVersionThatDoesNotComeUpIsRolledBack(command: String) async throws {
            let port = freePort()
            try await RunningTopology.run(Self.services(port: port), rest: Self.routes) { topology in
                try await Self.firstAnswer(port)
                let before = try await topology.processIDs()
                let text = try topology.text
                let load = KeepAliveLoad(port: port, path: "/web", connections: 4)
                try topology.edit { $0.replacing("FaultTestHost serve", with: command).replacing("VERSION: one", with: "VERSION: two") }
                _ = try await topology.signalbox("apply")
                try await eventually(within: .seconds(30), "the roll-back's being told") {
                    let web = try await topology.service("web")
                    return web["reason"].string?.contains("roll") == true && web["ready"].int == 2
                }
                #expect(try await topology.processIDs() == before)
                // A new supervisor neither tries it again nor forgets it.
                try await topology.killSupervisor()
                try await topology.ready()
                #expect(try await topology.processIDs() == before)
                #expect(try await topology.service("web")["reason"].string?.contains("roll") == true)
                let plan = try await topology.signalbox("plan")
                #expect(plan.output.contains("web"), "\(plan.output)")

                let result = await load.stop()
                #expect(result.failed == 0, "\(result.failures)")
                #expect(!result.bodies.keys.contains { $0.contains("two") })

                // A third version that works goes through.
                try topology.edit { _ in text.replacing("VERSION: one", with: "VERSION: three") }
                #expect(try await topology.signalbox("apply", "--wait").status == 0)
                try await eventually("the third version") {
                    let answer = try await HTTPClient().send(.init(path: "/web"), to: .tcp(host: "127.0.0.1", port: port))
                    return answer.text.contains("three")
                }
            }
        }

        private static func firstAnswer(_ port: Int) async throws {
            try await eventually("an answer through the gateway") {
                try await HTTPClient().send(.init(path: "/web"), to: .tcp(host: "127.0.0.1", port: port)).status == 200
            }
        }
    }
}
