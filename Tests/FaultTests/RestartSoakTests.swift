import Foundation
import Glibc
import Testing
import TestSupport

extension Faults {
    /// Thousands of restarts leave nothing behind in the keeper and the supervisor, and no line of a process that prints and exits is lost.
    @Suite struct RestartSoakTests {
        private static let instances = 10
        private static let services = """
              short:
                command: FaultTestHost burst 3
                instances: \(instances)
                restart: { backoff: { initial: 1ms, max: 1ms }, limit: { restarts: 10000, within: 100ms } }
            """
        /// Bytes.
        private static let allowedGrowth = 1 << 20

        @Test func restartsCostNothingThatStays() async throws {
            // What a first half leaves is buffers that have grown to their size; what a second one leaves would be left by each.
            let restarts = FaultScale.count(1000, full: 5_000)
            try await RunningTopology.run(Self.services) { topology in
                try await Self.runUntil(restarts, topology)
                let before = try await Footprint(of: topology)
                try await Self.runUntil(2 * restarts, topology)
                let after = try await Footprint(of: topology)
                FaultScale.note("before \(restarts) restarts: \(before)")
                FaultScale.note("after \(restarts) restarts:  \(after)")
                for (before, after) in zip(before.processes, after.processes) {
                    #expect(before.pid == after.pid)
                    #expect(before.openFiles == after.openFiles, "\(before.name)")
                    // Dispatch keeps a worker more or less, as the load was.
                    #expect(after.threads <= before.threads + 2, "\(before.name)")
                    #expect(after.memory - before.memory <= Self.allowedGrowth, "\(before.name)")
                }
            }
        }

        @Test func theLastLineOfEveryProcessIsInTheLog() async throws {
            let runs = FaultScale.count(1000, full: 10_000)
            try await RunningTopology.run(Self.services) { topology in
                try await Self.runUntil(runs, topology)
                var found = 0
                for instance in 1...Self.instances {
                    let count = topology.starts("short.\(instance)").count
                    let lines = try topology.logLines("short.\(instance)").map(String.init)
                    // The last one may have been stopped before its last line.
                    let expected = (1..<count).flatMap { ["run \($0) line 1", "run \($0) line 2", "run \($0) last"] }
                    #expect(Array(lines.prefix(expected.count)) == expected, "short.\(instance)")
                    found += lines.prefix(expected.count).count { $0.hasSuffix("last") }
                }
                FaultScale.note("last lines found: \(found) of \(found)")
            }
        }

        /// Runs them, and stops them once they have been started that often in all.
        private static func runUntil(_ count: Int, _ topology: RunningTopology) async throws {
            if try await topology.service("short")["state"].string == "stopped" {
                #expect(try await topology.signalbox("start", "short").status == 0)
            }
            try await eventually(within: .seconds(600), "\(count) starts") {
                (1...instances).map { topology.starts("short.\($0)").count }.reduce(0, +) >= count
            }
            #expect(try await topology.signalbox("stop", "short").status == 0)
        }

        private struct Footprint: CustomStringConvertible {
            struct Of: CustomStringConvertible {
                var name: String
                var pid: pid_t
                var openFiles: Int
                var threads: Int
                var memory: Int

                init(name: String, _ pid: pid_t) {
                    self.name = name
                    self.pid = pid
                    openFiles = ProcessFacts.openFiles(of: pid)
                    threads = ProcessFacts.threads(of: pid)
                    memory = ProcessFacts.privateMemory(of: pid)
                }

                var description: String { "\(name) \(openFiles) files, \(threads) threads, \(memory >> 10) KiB" }
            }

            var processes: [Of]

            init(of topology: RunningTopology) async throws {
                // A connection of the command line's may still be open in the supervisor: when it has answered once more, it is not.
                for _ in 1...3 { _ = try await topology.status() }
                let (keeper, supervisor) = (try topology.keeper, try #require(topology.supervisor))
                var last: [Of] = []
                var now: [Of] = []
                try await eventually("quiet") {
                    last = now
                    now = [Of(name: "keeper", keeper), Of(name: "supervisor", supervisor)]
                    return last.map(\.openFiles) == now.map(\.openFiles) && last.map(\.threads) == now.map(\.threads)
                }
                processes = now
            }

            var description: String { processes.map(\.description).joined(separator: "; ") }
        }
    }
}
