import Foundation
import Glibc
import Testing
import TestSupport

extension Faults {
    /// Another supervisor takes over from one that runs, and no service notices.
    @Suite struct UpgradeTests {
        private static let services = """
              talker:
                command: FaultTestHost talk 2000
                instances: 3
              web:
                command: FaultTestHost serve
                readiness: { http: /ready, period: 100ms }
            """

        @Test func underLoadNothingIsTouched() async throws {
            try await RunningTopology.run(Self.services) { topology in
                let before = try await topology.processIDs()
                var times: [Duration] = []
                for _ in 1...FaultScale.count(1, full: 5) {
                    let supervisor = try #require(topology.supervisor)
                    let begin = ContinuousClock.now
                    let upgraded = try await topology.signalbox("upgrade")
                    #expect(upgraded.status == 0, "\(upgraded.errors)")
                    try await topology.supervisor(after: supervisor)
                    times.append(begin.duration(to: .now))
                    // The new one is on trial for a while, in which it cannot be replaced.
                    if FaultScale.isFull { try await Task.sleep(for: .seconds(11)) }
                }
                FaultScale.note("signalbox upgrade: \(Percentiles(times))")
                try await topology.ready()
                #expect(try await topology.processIDs() == before)
                for instance in before.keys { #expect(topology.starts(instance).count == 1, "\(instance)") }
                #expect(try await topology.signalbox("stop", "talker").status == 0)
                for number in 1...3 { try topology.expectEveryLine(of: "talker.\(number)") }
            }
        }

        /// One that does not run is not tried; one that runs and never begins its work is taken back.
        @Test func whatIsNoSupervisorIsRefusedOrTakenBack() async throws {
            try await RunningTopology.run(Self.services) { topology in
                let before = try await topology.processIDs()
                let supervisor = try #require(topology.supervisor)
                let refused = try await topology.signalbox("upgrade", "--executable", "/bin/false")
                #expect(refused.status != 0)
                #expect(topology.supervisor == supervisor)

                let idle = topology.folder + "/idle"
                try "#!/bin/sh\n[ \"$1\" = --version ] && echo 0 && exit\nexit 1\n".write(toFile: idle, atomically: true, encoding: .utf8)
                chmod(idle, 0o755)
                _ = try await topology.signalbox("upgrade", "--executable", idle)
                try await topology.supervisor(after: supervisor, within: .seconds(30))
                try await topology.ready()
                #expect(try await topology.processIDs() == before)
            }
        }
    }
}
