import Foundation
import Glibc
import Testing
import TestSupport

extension Faults {
    /// A file that is changed touches what differs, and nothing else.
    @Suite struct ApplyTests {
        private static let services = """
              web:
                command: FaultTestHost serve
                instances: 3
                readiness: { http: /ready, period: 100ms }
              talker:
                command: FaultTestHost talk 10000
                depends_on: [web]
            """

        @Test func onlyWhatDiffersIsTouched() async throws {
            try await RunningTopology.run(Self.services) { topology in
                let before = try await topology.processIDs()
                let text = try topology.text

                // White space and comments.
                try topology.edit { $0.replacing("    instances: 3", with: "    instances:   3   # three") + "\n\n# the end\n" }
                let nothing = try await topology.signalbox("apply", "--wait")
                #expect(nothing.status == 0, "\(nothing.errors)")
                #expect(try await topology.processIDs() == before)

                // Two more.
                try topology.edit { _ in text.replacing("instances: 3", with: "instances: 5") }
                #expect(try await topology.signalbox("apply", "--wait").status == 0)
                try await topology.waitUntilReady("web", instances: 5)
                let five = try await topology.processIDs()
                #expect(five.count == 6)
                #expect(five.filter { before[$0.key] != nil } == before)
                for instance in ["web.1", "web.2", "web.3", "web.4", "web.5", "talker.1"] {
                    #expect(topology.starts(instance).count == 1, "\(instance)")
                }

                // A broken file: named with its place, and nothing changes, a new supervisor included.
                try topology.edit { $0.replacing("command: FaultTestHost talk", with: "comand: FaultTestHost talk") }
                for verb in ["plan", "apply"] {
                    let refused = try await topology.signalbox(verb)
                    #expect(refused.status != 0)
                    #expect(refused.errors.contains("topology.yaml:") && refused.errors.contains("comand"), "\(refused.errors)")
                }
                try await topology.killSupervisor()
                try await eventually("the mistake's being named") { try await "\(topology.status()["reason"])".contains("comand") }
                #expect(try await topology.processIDs() == five)
                try topology.edit { _ in text }
                #expect(try await topology.signalbox("apply", "--wait").status == 0)
                try await eventually("three again") { try await topology.processIDs() == before }
            }
        }
    }
}
