import Foundation
import Glibc
import Testing
import TestSupport

extension Faults {
    /// A keeper that was killed leaves its services behind. The next one finds and ends them before it starts anything: nothing doubles.
    @Suite struct KeeperKillTests {
        private static let services = """
              talker:
                command: FaultTestHost talk 5000
                instances: 3
              web:
                command: FaultTestHost serve
                readiness: { http: /ready, period: 100ms }
              unruly:
                command: FaultTestHost unruly MARKER stay
                stop: { grace: 200ms }
              ender:
                command: FaultTestHost end 20 300
                restart: { backoff: { initial: 1ms, max: 20ms }, limit: { restarts: 10000, within: 1s } }
            """
        private static let steady = ["talker.1", "talker.2", "talker.3", "web.1", "unruly.1"]

        @Test(arguments: Surroundings.levels) func whatItLeavesIsFoundAndEnded(surroundings: Surroundings) async throws {
            let marker = "left-\(UUID().uuidString)"
            try await RunningTopology.run(Self.services.replacing("MARKER", with: marker), in: surroundings) { topology in
                for round in 1...FaultScale.count(2, full: 20) {
                    let left = try await topology.processIDs().values.map { pid_t($0) }
                    let children = try await ProcessFacts.sleepers(marker)
                    try await Self.killKeeper(of: topology)
                    // Services outlive it, but for those whose output has nobody to go to; its supervisor does not.
                    for instance in ["web.1", "unruly.1"] { #expect(!ProcessFacts.isGone(try #require(topology.starts(instance).last))) }
                    #expect(children.allSatisfy { !ProcessFacts.isGone($0) })

                    try topology.start()
                    try await topology.ready()
                    #expect((left + children).filter { !ProcessFacts.isGone($0) } == [])
                    // What has no probe is ready before it has written down that it is there.
                    for instance in Self.steady {
                        try await eventually("\(instance)'s one start") { topology.starts(instance).count >= round + 1 }
                        #expect(topology.starts(instance).count == round + 1, "\(instance)")
                    }
                    #expect(try await ProcessFacts.sleepers(marker).count == 6)
                    #expect(topology.doubles == [])
                }
            }
            #expect(ProcessFacts.marked(marker) == [])
        }

        @Test(arguments: Surroundings.levels) func killedWhileItStartsOrStopsItLeavesNothingDoubled(surroundings: Surroundings) async throws
        {
            let marker = "half-\(UUID().uuidString)"
            try await RunningTopology.run(Self.services.replacing("MARKER", with: marker), in: surroundings) { topology in
                try await Self.killKeeper(of: topology)
                for _ in 1...FaultScale.count(3, full: 30) {
                    try topology.start()
                    let keeper = try? topology.keeper
                    try await eventually("the next keeper") { (try? topology.keeper) != keeper || topology.supervisor != nil }
                    try await Task.sleep(for: .milliseconds(Int.random(in: 0...700)))
                    try await Self.killKeeper(of: topology)
                }
                try topology.start()
                try await topology.ready()
                #expect(topology.doubles == [])
                #expect(try await ProcessFacts.sleepers(marker).count == 6)
            }
            #expect(ProcessFacts.marked(marker) == [])
        }

        private static func killKeeper(of topology: RunningTopology) async throws {
            let supervisor = topology.supervisor
            kill(try topology.keeper, SIGKILL)
            try await eventually("the end of signalbox up") { topology.hasEnded }
            if let supervisor { try await eventually("the supervisor's end") { ProcessFacts.isGone(supervisor) } }
        }
    }
}
