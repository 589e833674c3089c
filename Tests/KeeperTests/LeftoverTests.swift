import Glibc
import Keeper
import TestSupport
import Testing

/// What a keeper that was killed leaves is ended by the next one, so that nothing runs twice.
@Suite(.timeLimit(.minutes(2)))
struct LeftoverTests {
    @Test(arguments: [true, false]) func theNextKeeperEndsWhatAKilledOneLeft(usesControlGroups: Bool) async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started(usesControlGroups: usesControlGroups)
        _ = try await client.list()
        let file = keeper.folder + "/pids"
        let record = try await client.spawn(
            shell("service", ContainmentTests.unruly + "while :; do sleep 100; done", in: keeper) { $0.environment["pids"] = file })
        try await eventually("six children") { pids(in: file).count == 6 }
        keeper.signal(SIGKILL)
        _ = try await keeper.exit()
        // The supervisor does not outlive its keeper.
        try await eventually("the supervisor's end") { !isAlive(supervisor.pid) }
        #expect(isAlive(record.pid))
        #expect(pids(in: file).allSatisfy(isAlive))

        try keeper.start()
        let next = try await keeper.supervisor()
        #expect(!isAlive(record.pid))
        #expect(pids(in: file).filter(isAlive) == [])
        let again = try next.client()
        #expect(try await again.list().isEmpty)
        #expect(keeper.standardError.contains("that an earlier keeper had left"))
        try await keeper.stop(next)
    }

    @Test func aPidThatIsSomebodyElsesNowIsLeftAlone() async throws {
        let keeper = try RunningKeeper(usesControlGroups: false)
        // A record that names this test's own pid with another start time.
        _ = try run("/bin/mkdir", ["-p", keeper.state + "/run"])
        let boot = readText("/proc/sys/kernel/random/boot_id").split(separator: "\n")[0]
        let record = "{\"bootID\":\"\(boot)\",\"keeper\":1,\"processes\":[{\"id\":\"x\",\"pid\":\(getpid()),\"startTime\":1}]}"
        let file = open(keeper.state + "/run/keeper.json", O_CREAT | O_WRONLY, 0o600)
        _ = write(file, record, record.utf8.count)
        close(file)
        try keeper.start()
        let supervisor = try await keeper.supervisor()
        try await keeper.stop(supervisor)
    }
}
