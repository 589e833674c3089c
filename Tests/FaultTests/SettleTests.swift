import Foundation
import Glibc
import Testing
import TestSupport

extension Faults {
    /// The command line returns when what was asked for is done.
    @Suite struct SettleTests {
        /// Takes six seconds to end, which is longer than the supervisor keeps a call waiting.
        private static let services = """
              slow:
                command: [sh, -c, "trap 'sleep 6; exit 0' TERM; while :; do sleep 0.1; done"]
                instances: 2
                stop: { grace: 20s }
            """

        @Test func stopScaleAndRestartWaitForTheEnd() async throws {
            try await RunningTopology.run(Self.services) { topology in
                func pids() async throws -> [Int] { try await Array(topology.processIDs().values) }
                let first = try await topology.processIDs()

                let scaled = try await topology.signalbox("scale", "slow=1")
                #expect(scaled.status == 0, "\(scaled.errors)")
                #expect(try await pids() == [first["slow.1"]])

                let restarted = try await topology.signalbox("restart", "slow")
                #expect(restarted.status == 0, "\(restarted.errors)")
                #expect(ProcessFacts.isGone(pid_t(try #require(first["slow.1"]))))
                let second = try await topology.service("slow")
                #expect(second["state"].string == "ready")

                let begin = ContinuousClock.now
                let stopped = try await topology.signalbox("stop", "slow")
                #expect(stopped.status == 0, "\(stopped.errors)")
                #expect(begin.duration(to: .now) >= .seconds(6))
                #expect(stopped.output.contains("slow: stopped"), "\(stopped.output)")
                #expect(try await pids().isEmpty)
            }
        }
    }
}
