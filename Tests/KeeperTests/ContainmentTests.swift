import CLinux
import Glibc
import Keeper
import TestSupport
import Testing

/// Each on both levels: with cgroups, where this machine has them and lets us, and without.
@Suite(.timeLimit(.minutes(2)))
struct ContainmentTests {
    /// Kinds of children that other supervisors leave behind. Each writes its pid into $pids.
    static let unrulyCount = 8
    static let unruly = """
        trap '' TERM
        note='echo $$ >> "$pids"; trap "" TERM HUP INT; while :; do sleep 100; done'
        sh -c "$note" &
        setsid sh -c "$note" &
        setsid -f sh -c "$note"
        (setsid -f setsid -f sh -c "$note" > /dev/null 2>&1 < /dev/null)
        sh -c "sh -c '$note' & exit 0"
        (setsid -f env -i /bin/sh -c "echo \\$\\$ >> '$pids'; trap '' TERM HUP INT; while :; do /bin/sleep 100; done" > /dev/null 2>&1)
        sh -c 'echo $$ >> "$pids"; kill -STOP $$' &
        setsid -f sh -c "$note; :" > /dev/null &
        """

    @Test(arguments: [true, false]) func killEndsEverything(usesControlGroups: Bool) async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started(usesControlGroups: usesControlGroups)
        _ = try await client.list()
        let file = keeper.folder + "/pids"
        let main = try await client.spawn(
            shell("unruly", Self.unruly + "while :; do sleep 100; done", in: keeper) { $0.environment["pids"] = file })
        try await eventually("the children") { pids(in: file).count == ContainmentTests.unrulyCount }
        try await client.signal(id: "unruly", SIGTERM)
        #expect(pids(in: file).allSatisfy(isAlive) && isAlive(main.pid))
        try await client.kill(id: "unruly")
        #expect(await exitStatus(of: "unruly", client.events) == .signalled(SIGKILL, coreDumped: false))
        #expect(survivors(in: file) == [])
        try await keeper.stop(supervisor)
    }

    @Test(arguments: [true, false]) func whatTheMainProcessLeavesIsEndedBeforeItsExitIsTold(usesControlGroups: Bool) async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started(usesControlGroups: usesControlGroups)
        _ = try await client.list()
        let file = keeper.folder + "/pids"
        let script = Self.unruly + "while [ $(wc -l < \"$pids\") -lt \(Self.unrulyCount) ]; do sleep 0.01; done; echo last; exit 4"
        _ = try await client.spawn(shell("unruly", script, in: keeper) { $0.environment["pids"] = file })
        let mainExit = await next(client.events) { if case .mainExited("unruly", let status) = $0 { status } else { nil } }
        #expect(mainExit == .exited(4))
        #expect(await exitStatus(of: "unruly", client.events) == .exited(4))
        #expect(pids(in: file).count == ContainmentTests.unrulyCount)
        #expect(survivors(in: file) == [])
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

    /// Fifty that never stop forking: each starts its successor, in a session of its own, and exits.
    @Test(arguments: [true, false]) func aForkBombThatGoesOnForkingIsEnded(usesControlGroups: Bool) async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started(usesControlGroups: usesControlGroups)
        _ = try await client.list()
        let bomb = try ForkBomb(in: keeper.folder)
        defer { bomb.defuse() }
        for round in 0..<2 {
            _ = try await client.spawn(shell("bomb", bomb.script(count: 50), in: keeper))
            try await eventually("fifty children") { bomb.living().count >= 45 }
            // Killed as a whole, and by the death of its main process.
            let start = ContinuousClock.now
            if round.isMultiple(of: 2) { try await client.kill(id: "bomb") } else { try await client.signal(id: "bomb", SIGKILL) }
            #expect(await exitStatus(of: "bomb", client.events) == .signalled(SIGKILL, coreDumped: false))
            #expect(bomb.living() == [])
            #expect(start.duration(to: .now) < .seconds(5))
        }
        try await keeper.stop(supervisor)
    }

    /// A known bug of others: the group's leader is gone, so the group is taken for gone.
    @Test(arguments: [true, false]) func aGroupChildDoesNotOutliveItsLeader(usesControlGroups: Bool) async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started(usesControlGroups: usesControlGroups)
        _ = try await client.list()
        let file = keeper.folder + "/pids"
        let script =
            "sh -c 'echo $$ >> \"$pids\"; trap \"\" TERM; while :; do sleep 100; done' & while [ ! -s \"$pids\" ]; do sleep 0.01; done; exit 3"
        _ = try await client.spawn(shell("leader", script, in: keeper) { $0.environment["pids"] = file })
        #expect(await exitStatus(of: "leader", client.events) == .exited(3))
        #expect(pids(in: file).count == 1 && survivors(in: file) == [])
        try await keeper.stop(supervisor)
    }

    /// What lives beside it, a double-forked child of another one included, is not touched by its end.
    @Test(arguments: [true, false]) func theChildrenOfOthersAreLeftAlone(usesControlGroups: Bool) async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started(usesControlGroups: usesControlGroups)
        _ = try await client.list()
        let file = keeper.folder + "/pids"
        let script = "setsid -f env -i /bin/sh -c \"echo \\$\\$ >> '\(file)'; while :; do /bin/sleep 100; done\"; exec sleep 300"
        let stays = try await client.spawn(shell("stays", script, in: keeper))
        try await eventually("its child") { pids(in: file).count == 1 }
        for number in 0..<10 {
            let id = "goes/\(number)"
            _ = try await client.spawn(shell(id, "setsid -f sleep 300; exit 1", in: keeper))
            #expect(await exitStatus(of: id, client.events) == .exited(1))
        }
        #expect(isAlive(stays.pid) && pids(in: file).allSatisfy(isAlive))
        try await client.kill(id: "stays")
        _ = await exitStatus(of: "stays", client.events)
        #expect(survivors(in: file) == [])
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

    /// Where the kernel has a memory controller, of cgroup2 or cgroup1, and we may use it.
    @Test func whatExceedsItsMemoryIsKilledAndNamed() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        _ = try await client.list()
        guard try await client.containment().contains("limits of") else { return try await keeper.stop(supervisor) }
        // tail keeps the whole of a line that does not end.
        _ = try await client.spawn(
            shell("greedy", "exec tail -n 1 /dev/zero", in: keeper) { $0.limits = ProcessLimits(memory: 32 << 20, cpu: 1, processes: 20) })
        let exit = await next(client.events) {
            if case .exited("greedy", let status, let isOutOfMemory) = $0 { (status, isOutOfMemory) } else { nil }
        }
        #expect(exit?.0 == .signalled(SIGKILL, coreDumped: false))
        #expect(exit?.1 == true)
        #expect(try await client.list().first?.isOutOfMemory == true)
        // A fork that is one too many fails.
        _ = try await client.spawn(
            shell("forks", "for i in 1 2 3 4 5 6; do sleep 5 & done; wait", in: keeper) { $0.limits = ProcessLimits(processes: 4) })
        #expect(await exitStatus(of: "forks", client.events) == .exited(2))
        _ = try await client.spawn(shell("modest", "echo fine", in: keeper) { $0.limits = ProcessLimits(memory: 32 << 20) })
        let modest = await next(client.events) {
            if case .exited("modest", let status, let isOutOfMemory) = $0 { (status, isOutOfMemory) } else { nil }
        }
        #expect(modest?.0 == .exited(0) && modest?.1 == false)
        try await keeper.stop(supervisor)
    }

    /// The kernel's count never goes back, so what became of a child once must not be told of every later end.
    @Test func anOldWantOfMemoryIsNotWhyItEnds() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        _ = try await client.list()
        guard try await client.containment().contains("limits of") else { return try await keeper.stop(supervisor) }
        let limits = ProcessLimits(memory: 32 << 20)
        func end(_ id: String) async -> (Keeper.ExitStatus, Bool)? {
            await next(client.events) { if case .exited(id, let status, let isOutOfMemory) = $0 { (status, isOutOfMemory) } else { nil } }
        }
        _ = try await client.spawn(shell("well", "tail -n 1 /dev/zero; exit 0", in: keeper) { $0.limits = limits })
        let well = await end("well")
        #expect(well?.0 == .exited(0) && well?.1 == false)
        let file = keeper.folder + "/lost"
        _ = try await client.spawn(
            shell("stopped", "tail -n 1 /dev/zero; echo lost > '\(file)'; exec sleep 300", in: keeper) { $0.limits = limits })
        try await eventually("the child's end") { !readText(file).isEmpty }
        try await client.signal(id: "stopped", SIGTERM)
        let stopped = await end("stopped")
        #expect(stopped?.0 == .signalled(SIGTERM, coreDumped: false) && stopped?.1 == false)
        // One that goes down with its child does so for want of memory.
        _ = try await client.spawn(shell("failed", "tail -n 1 /dev/zero || exit 7", in: keeper) { $0.limits = limits })
        let failed = await end("failed")
        #expect(failed?.0 == .exited(7) && failed?.1 == true)
        try await keeper.stop(supervisor)
    }
}
