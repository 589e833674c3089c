import CLinux
import Glibc
import Keeper
import TestSupport
import Testing

/// Each on both levels: with cgroups, where this machine has them and lets us, and without.
@Suite(.timeLimit(.minutes(2)))
struct ContainmentTests {
    /// Six kinds of children that other supervisors leave behind. Each writes its pid into $pids.
    static let unruly = """
        trap '' TERM
        note='echo $$ >> "$pids"; trap "" TERM HUP INT; while :; do sleep 100; done'
        sh -c "$note" &
        setsid sh -c "$note" &
        setsid -f sh -c "$note"
        (setsid -f setsid -f sh -c "$note" > /dev/null 2>&1 < /dev/null)
        sh -c "sh -c '$note' & exit 0"
        setsid -f env -u NOTHING sh -c "$note" &
        """

    @Test(arguments: [true, false]) func killEndsEverything(usesControlGroups: Bool) async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started(usesControlGroups: usesControlGroups)
        _ = try await client.list()
        let file = keeper.folder + "/pids"
        let main = try await client.spawn(
            shell("unruly", Self.unruly + "while :; do sleep 100; done", in: keeper) { $0.environment["pids"] = file })
        try await eventually("six children") { pids(in: file).count == 6 }
        try await client.signal(id: "unruly", SIGTERM)
        #expect(pids(in: file).allSatisfy(isAlive) && isAlive(main.pid))
        try await client.kill(id: "unruly")
        #expect(await exitStatus(of: "unruly", client.events) == .signalled(SIGKILL, coreDumped: false))
        #expect(pids(in: file).filter(isAlive) == [])
        try await keeper.stop(supervisor)
    }

    @Test(arguments: [true, false]) func whatTheMainProcessLeavesIsEndedBeforeItsExitIsTold(usesControlGroups: Bool) async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started(usesControlGroups: usesControlGroups)
        _ = try await client.list()
        let file = keeper.folder + "/pids"
        let script = Self.unruly + "while [ $(wc -l < \"$pids\") -lt 6 ]; do sleep 0.01; done; echo last; exit 4"
        _ = try await client.spawn(shell("unruly", script, in: keeper) { $0.environment["pids"] = file })
        let mainExit = await next(client.events) { if case .mainExited("unruly", let status) = $0 { status } else { nil } }
        #expect(mainExit == .exited(4))
        #expect(await exitStatus(of: "unruly", client.events) == .exited(4))
        #expect(pids(in: file).count == 6)
        #expect(pids(in: file).filter(isAlive) == [])
        #expect(logLines("unruly", keeper).contains("out last"))
        try await keeper.stop(supervisor)
    }

    /// A known bug of others: the reader waits for the end of stdout, which a child that got away still holds.
    @Test(arguments: [true, false]) func aChildThatHoldsStdoutDoesNotHideItsParentsDeath(usesControlGroups: Bool) async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started(usesControlGroups: usesControlGroups)
        _ = try await client.list()
        let start = ContinuousClock.now
        _ = try await client.spawn(shell("parent", "setsid -f sleep 300; echo bye; exit 0", in: keeper))
        #expect(await exitStatus(of: "parent", client.events) == .exited(0))
        #expect(start.duration(to: .now) < .seconds(20))
        #expect(logLines("parent", keeper) == ["out bye"])
        try await keeper.stop(supervisor)
    }

    @Test(arguments: [true, false]) func aForkBombIsEnded(usesControlGroups: Bool) async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started(usesControlGroups: usesControlGroups)
        _ = try await client.list()
        let file = keeper.folder + "/pids"
        let script = "for i in $(seq 50); do setsid -f sh -c 'echo $$ >> \"$pids\"; while :; do sleep 0.05; done'; done; sleep 300"
        _ = try await client.spawn(shell("bomb", script, in: keeper) { $0.environment["pids"] = file })
        try await eventually("fifty children") { pids(in: file).count == 50 }
        try await client.kill(id: "bomb")
        _ = await exitStatus(of: "bomb", client.events)
        #expect(pids(in: file).filter(isAlive) == [])
        try await keeper.stop(supervisor)
    }

    @Test func theLevelIsNamed() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started(usesControlGroups: false)
        #expect(try await client.containment() == "process group + subreaper")
        try await keeper.stop(supervisor)
        let (other, otherSupervisor, otherClient) = try await RunningKeeper.started()
        let level = try await otherClient.containment()
        #expect(level.hasPrefix("cgroup2") || level == "process group + subreaper")
        try await other.stop(otherSupervisor)
    }
}
