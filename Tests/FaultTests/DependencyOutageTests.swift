import Foundation
import Glibc
import Testing
import TestSupport

extension Faults {
    /// While what they need is away, dependents wait instead of crashing over and over; then they come back.
    @Suite struct DependencyOutageTests {
        private static let dependents = 8
        /// Of each, until its server's probes have failed.
        private static let startsInVain = 3

        @Test func dependentsWaitForAServerThatIsAwayAndComeBack() async throws {
            let redis = try await PrivateRedis.start()
            // Each ends as soon as its connection does, and cannot begin without one.
            let services = """
                  user:
                    command: FaultTestHost client \(redis.port)
                    instances: \(Self.dependents)
                    depends_on: [cache]
                    readiness: { notify: true }
                """
            let cache = "cache: { url: \"redis://127.0.0.1:\(redis.port)/0\", password_file: redis.secret }"
            try await RunningTopology.run(
                services, rest: cache, files: ["redis.secret": redis.password]
            ) { topology in
                for outage in 1...FaultScale.count(1, full: 5) {
                    let before = Self.starts(topology)
                    try await redis.kill()
                    try await eventually(within: .seconds(30), "the dependents' waiting") {
                        guard let user = try? await topology.service("user") else { return false }
                        return user["instances"].array.allSatisfy { $0["state"].string == "waiting" }
                    }
                    // Some may have been started again before the outage was seen; from now on none is.
                    let waiting = Self.starts(topology)
                    try await Task.sleep(for: .seconds(2))
                    #expect(Self.starts(topology) == waiting)
                    let reason = try await topology.service("user")["reason"].string
                    #expect(reason?.contains("cache") == true, "\(reason ?? "-")")

                    try await redis.restart()
                    try await topology.ready()
                    FaultScale.note(
                        "outage \(outage): \(waiting - before) starts in vain, \(Self.starts(topology) - waiting) to come back, of \(Self.dependents)"
                    )
                    #expect(waiting - before <= Self.startsInVain * Self.dependents)
                    #expect(Self.starts(topology) - waiting <= 2 * Self.dependents)
                }
            }
            try await redis.kill()
        }

        @Test func aKilledBrokerIsWaitedForToo() async throws {
            let services = """
                  user:
                    command: FaultTestHost client amqp
                    instances: 3
                    depends_on: [broker]
                    readiness: { notify: true }
                """
            try await RunningTopology.run(services, broker: .managed) { topology in
                let before = Self.starts(topology)
                let broker = try #require(try await topology.service("broker")["instances"].array.first?["pid"].int)
                kill(pid_t(broker), SIGKILL)
                try await eventually("the dependents' waiting") {
                    guard let user = try? await topology.service("user") else { return false }
                    return user["instances"].array.contains { $0["state"].string == "waiting" }
                }
                try await topology.ready()
                let starts = Self.starts(topology) - before
                FaultScale.note("broker killed: \(starts) starts of 3 dependents until all were back")
                #expect(starts <= 9)
            }
        }

        private static func starts(_ topology: RunningTopology) -> Int {
            (1...dependents).map { topology.starts("user.\($0)").count }.reduce(0, +)
        }
    }
}
