import Foundation
import Glibc
import Testing
import TestSupport

extension Faults {
    /// A secret reaches the process that it is for, and nobody else.
    @Suite struct SecretTests {
        @Test func aCanaryIsFoundNowhere() async throws {
            let canary = "canary\(UUID().uuidString.filter(\.isLetter).lowercased())"
            let second = "\(canary)second"
            let services = """
                  web:
                    command: FaultTestHost serve
                    readiness: { http: /ready, period: 100ms }
                    secrets: { API_KEY: { file: api.secret } }
                  broken:
                    command: FaultTestHost exit 1
                    secrets: { API_KEY: { file: api.secret } }
                    restart: never
                """
            try await RunningTopology.run(services, files: ["api.secret": canary + "\n"], untilReady: false, endsWith: 1) { topology in
                try await topology.waitUntilReady("web")
                try await eventually("the failure") { try await topology.service("broken")["state"].string == "failed" }
                let web = try #require(topology.starts("web.1").last)
                #expect(ProcessFacts.text(of: web, "environ").contains("API_KEY=\(canary)\0"))

                try topology.edit { $0.replacing("period: 100ms", with: "period: 150ms") }
                var seen = ""
                for arguments in [["plan"], ["apply"], ["status"], ["events"], ["why", "web"], ["logs"], ["check"]] {
                    let result = try await topology.signalbox(arguments[0], Array(arguments.dropFirst()))
                    seen += result.output + result.errors
                }
                for path in [
                    "/v1/services", "/v1/services/web", "/v1/plan", "/v1/events?limit=1000", "/openapi.json", "/health/ready", "/metrics",
                ] {
                    seen += (try? await topology.text(of: path)) ?? ""
                }
                // Another value: the plan says that it differs, and still not what it is.
                try second.write(toFile: topology.folder + "/api.secret", atomically: true, encoding: .utf8)
                chmod(topology.folder + "/api.secret", 0o600)
                let plan = try await topology.signalbox("plan")
                seen += plan.output + plan.errors
                #expect(!seen.contains(canary))
                #expect(!seen.contains(Data(canary.utf8).base64EncodedString()))

                for process in topology.processes {
                    #expect(!ProcessFacts.text(of: process, "cmdline").contains(canary), "\(process)")
                    let owners = topology.starts("web.1") + topology.starts("broken.1")
                    #expect(owners.contains(process) || !ProcessFacts.text(of: process, "environ").contains(canary), "\(process)")
                }
                for file in try FileManager.default.subpathsOfDirectory(atPath: topology.state) {
                    let data = FileManager.default.contents(atPath: "\(topology.state)/\(file)") ?? Data()
                    #expect(data.firstRange(of: Data(canary.utf8)) == nil, "\(file)")
                }
                #expect(!topology.output.contains(canary))
            }
        }
    }
}
