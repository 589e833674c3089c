import Foundation
import Glibc
import Testing
import TestSupport

extension Faults {
    /// Services that are killed, many at a time, come back one for one.
    @Suite struct ServiceKillTests {
        private static let services = """
              talker:
                command: FaultTestHost talk 2000
                instances: 4
                restart: RESTART
              web:
                command: FaultTestHost serve 20
                instances: 3
                restart: RESTART
                readiness: { http: /ready, period: 100ms }
                liveness: { http: /live, period: 200ms }
              told:
                command: FaultTestHost notify READY=1
                instances: 2
                restart: RESTART
                readiness: { notify: true }
            """.replacing("RESTART", with: "{ backoff: { initial: 1ms, max: 20ms }, limit: { restarts: 10000, within: 1s } }")

        @Test func allThatAreKilledComeBackAndNoneTwice() async throws {
            try await RunningTopology.run(Self.services) { topology in
                var killed: [String: Set<pid_t>] = [:]
                var reactions: [Duration] = []
                for _ in 1...FaultScale.count(60, full: 1000) {
                    // From what each wrote down last: the admin endpoint would be behind.
                    let alive = Self.instances.compactMap { name in topology.starts(name).last.map { (name, $0) } }.filter {
                        !ProcessFacts.isGone($0.1)
                    }
                    guard let (name, victim) = alive.randomElement() else { continue }
                    let count = topology.starts(name).count
                    kill(victim, SIGKILL)
                    killed[name, default: []].insert(victim)
                    if Bool.random() {
                        let start = ContinuousClock.now
                        try await eventually("\(name)'s replacement") { topology.starts(name).count > count }
                        reactions.append(start.duration(to: .now))
                    }
                }
                FaultScale.note("replacement after kill -9, polled each 20 ms: \(Percentiles(reactions))")
                try await topology.ready()
                for name in Self.instances {
                    #expect(topology.starts(name).count == 1 + (killed[name]?.count ?? 0), "\(name)")
                }
                #expect(topology.doubles == [])
                for (name, process) in try await topology.processIDs() { #expect(topology.starts(name).last == pid_t(process), "\(name)") }
            }
        }

        private static let instances =
            (1...4).map { "talker.\($0)" } + (1...3).map { "web.\($0)" } + (1...2).map { "told.\($0)" }
    }
}
