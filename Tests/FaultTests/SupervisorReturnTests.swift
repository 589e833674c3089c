import Foundation
import Glibc
import Testing
import TestSupport

extension Faults {
    /// A supervisor that comes back to a state directory it cannot work with takes nothing down.
    @Suite struct SupervisorReturnTests {
        private static let services = """
              web:
                command: FaultTestHost serve
                instances: 2
                readiness: { http: /ready, period: 100ms }
            """
        /// In which a supervisor fails several times.
        private static let trial = Duration.seconds(3)

        @Test func aTokenThatOthersMayReadEndsNothing() async throws {
            try await RunningTopology.run(Self.services) { topology in
                let before = try await topology.processIDs()
                chmod(topology.state + "/admin.token", 0o644)
                let former = try #require(topology.supervisor)
                kill(former, SIGKILL)
                // It answers at its socket meanwhile.
                try await eventually("another supervisor") {
                    try await topology.signalbox("status", "--json").status == 0 && topology.supervisor != former
                }
                try await Task.sleep(for: Self.trial)
                #expect(try Self.pids(of: topology) == Set(before.values))
                #expect(await !topology.answers())
                chmod(topology.state + "/admin.token", 0o600)
                try await topology.ready()
                #expect(try await topology.processIDs() == before)
            }
        }

        @Test func aFileThatCannotBeUnderstoodEndsNothing() async throws {
            try await RunningTopology.run(Self.services) { topology in
                let before = try await topology.processIDs()
                try "{".write(toFile: topology.state + "/servers.json", atomically: true, encoding: .utf8)
                kill(try #require(topology.supervisor), SIGKILL)
                try await Task.sleep(for: Self.trial)
                #expect(try Self.pids(of: topology) == Set(before.values))
                #expect(!topology.hasEnded)
                unlink(topology.state + "/servers.json")
                try await topology.ready()
                #expect(try await topology.processIDs() == before)
            }
        }

        @Test(.enabled(if: Surroundings.canBeMade, "only root can make a file system read-only"), arguments: ["ro", "full"])
        func aStateDirectoryThatTakesNothingEndsNothing(kind: String) async throws {
            try await RunningTopology.run(Self.services, in: .withoutControlGroups) { topology in
                let before = try await topology.processIDs()
                let keeper = try topology.keeper
                // In the keeper's mount namespace, so that what it starts from now on sees it.
                let script =
                    kind == "ro"
                    ? "mount --bind $1 $1 && mount -o remount,ro,bind $1"
                    : "cp -a $1 $1.copy && mount -t tmpfs -o size=1m,mode=711 none $1 && cp -a $1.copy/. $1/ && rm -rf $1.copy "
                        + "&& (cat /dev/zero > $1/filler; true) 2> /dev/null"
                func enter(_ script: String) async throws {
                    let result = try await Tool.run(
                        "/usr/bin/nsenter", ["-t", "\(keeper)", "-m", "/bin/sh", "-c", script, "sh", topology.state])
                    #expect(result.status == 0, "\(result.errors)")
                }
                try await enter(script)
                let former = try #require(topology.supervisor)
                kill(former, SIGKILL)
                // By TCP at least.
                try await topology.supervisor(after: former)
                try await Task.sleep(for: Self.trial)
                #expect(try await topology.processIDs() == before)
                #expect(try Self.pids(of: topology) == Set(before.values))
                try await enter("umount -l $1")
                try await topology.killSupervisor()
                try await topology.ready()
                #expect(try await topology.processIDs() == before)
            }
        }

        /// Of those services that live, whoever knows of them.
        private static func pids(of topology: RunningTopology) throws -> Set<Int> {
            Set(["web.1", "web.2"].flatMap(topology.starts).filter { !ProcessFacts.isGone($0) }.map { Int($0) })
        }
    }
}
