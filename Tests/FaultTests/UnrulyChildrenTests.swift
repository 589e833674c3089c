import Foundation
import Glibc
import Testing
import TestSupport

extension Faults {
    /// Children that leave their group and session, lose their parents and ignore signals: no end of an instance leaves one.
    @Suite struct UnrulyChildrenTests {
        enum End: String, CaseIterable {
            case stop, restart, scaleDown, kill, down
        }

        @Test(arguments: Surroundings.levels, End.allCases) func nothingOfAnInstanceOutlivesIt(surroundings: Surroundings, end: End)
            async throws
        {
            let marker = "unruly-\(UUID().uuidString)"
            let services = """
                  unruly:
                    command: FaultTestHost unruly \(marker) stay
                    stop: { grace: 100ms }
                    scale: { min: 0, max: 2 }
                    environment: { FAULTS_OVERLAP: "1" }
                """
            try await RunningTopology.run(services, in: surroundings) { topology in
                let children = try await ProcessFacts.sleepers(marker)
                switch end {
                case .stop:
                    #expect(try await topology.signalbox("stop", "unruly").status == 0)
                    #expect(ProcessFacts.marked(marker) == [])
                case .restart:
                    #expect(try await topology.signalbox("restart", "unruly").status == 0)
                    #expect(children.filter { !ProcessFacts.isGone($0) } == [])
                    #expect(try await ProcessFacts.sleepers(marker).count == 6)
                case .scaleDown:
                    #expect(try await topology.signalbox("scale", "unruly=0").status == 0)
                    #expect(ProcessFacts.marked(marker) == [])
                case .kill:
                    Glibc.kill(try #require(topology.starts("unruly.1").last), SIGKILL)
                    try await eventually("the replacement") { topology.starts("unruly.1").count == 2 }
                    #expect(children.filter { !ProcessFacts.isGone($0) } == [])
                case .down: break
                }
            }
            #expect(ProcessFacts.marked(marker) == [])
        }

        @Test(arguments: Surroundings.levels) func aForkBombIsStopped(surroundings: Surroundings) async throws {
            let marker = "bomb-\(UUID().uuidString)"
            let services = """
                  bomb:
                    command: FaultTestHost bomb 50 \(marker)
                    stop: { grace: 100ms }
                """
            try await RunningTopology.run(services, in: surroundings) { topology in
                for _ in 1...FaultScale.count(2, full: 20) {
                    try await eventually("fifty chains") { ProcessFacts.marked(marker).count >= 40 }
                    let start = ContinuousClock.now
                    #expect(try await topology.signalbox("stop", "bomb").status == 0)
                    #expect(ProcessFacts.marked(marker) == [])
                    FaultScale.note("fork bomb of 50 stopped, \(surroundings): \(start.duration(to: .now))")
                    // One link that got away would be here for ever.
                    #expect(try await topology.signalbox("status").status == 0)
                    #expect(ProcessFacts.marked(marker) == [])
                    #expect(try await topology.signalbox("start", "bomb").status == 0)
                }
            }
            #expect(ProcessFacts.marked(marker) == [])
        }
    }
}
