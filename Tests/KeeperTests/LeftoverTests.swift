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
        try await eventually("the children") { pids(in: file).count == ContainmentTests.unrulyCount }
        keeper.signal(SIGKILL)
        _ = try await keeper.exit()
        // The supervisor does not outlive its keeper.
        try await eventually("the supervisor's end") { !isAlive(supervisor.pid) }
        #expect(isAlive(record.pid))
        #expect(pids(in: file).allSatisfy(isAlive))

        try keeper.start()
        let next = try await keeper.supervisor()
        #expect(!isAlive(record.pid))
        #expect(survivors(in: file) == [])
        let again = try next.client()
        #expect(try await again.list().isEmpty)
        #expect(keeper.standardError.contains("that an earlier keeper had left"))
        try await keeper.stop(next)
    }

    @Test(arguments: [true, false]) func aForkBombThatAKilledKeeperLeftIsEnded(usesControlGroups: Bool) async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started(usesControlGroups: usesControlGroups)
        _ = try await client.list()
        let bomb = try ForkBomb(in: keeper.folder)
        defer { bomb.defuse() }
        _ = try await client.spawn(shell("bomb", bomb.script(count: 50), in: keeper))
        try await eventually("fifty children") { bomb.living().count >= 45 }
        keeper.signal(SIGKILL)
        _ = try await keeper.exit()
        try await eventually("the supervisor's end") { !isAlive(supervisor.pid) }
        try keeper.start()
        let next = try await keeper.supervisor()
        #expect(bomb.living() == [])
        try await keeper.stop(next)
    }

    /// The keeper is killed while it starts and ends things, again and again: never do two of one id run.
    @Test(arguments: [true, false]) func nothingDoublesHoweverOftenTheKeeperIsKilled(usesControlGroups: Bool) async throws {
        let (keeper, firstSupervisor, firstClient) = try await RunningKeeper.started(usesControlGroups: usesControlGroups)
        var (supervisor, client) = (firstSupervisor, firstClient)
        let file = keeper.folder + "/pids"
        let script = "echo $$ >> '\(file)'; setsid -f sh -c \"echo \\$\\$ >> '\(file)'; exec sleep 300\"; exec sleep 300"
        for _ in 0..<5 {
            _ = try await client.list()
            for number in 0..<6 {
                _ = try await client.spawn(shell("service/\(number)", script, in: keeper) { $0.environment["pids"] = file })
            }
            keeper.signal(SIGKILL)
            _ = try await keeper.exit()
            try keeper.start()
            supervisor = try await keeper.supervisor()
            #expect(survivors(in: file) == [])
            client = try supervisor.client()
            #expect(try await client.list().isEmpty)
        }
        try await keeper.stop(supervisor)
    }

    @Test func aPidThatIsSomebodyElsesNowIsLeftAlone() async throws {
        // Neither is an ancestor of the keeper, nor has anything else of its own about it.
        let somebody = try startSleep()
        let leftover = try startSleep()
        defer { end(somebody) }
        let keeper = try RunningKeeper(usesControlGroups: false)
        _ = try run("/bin/mkdir", ["-p", keeper.state + "/run"])
        let boot = readText("/proc/sys/kernel/random/boot_id").split(separator: "\n")[0]
        let recorded = [(somebody, try #require(startTime(of: somebody)) + 1), (leftover, try #require(startTime(of: leftover)))]
        let processes = recorded.map { "{\"id\":\"x\",\"pid\":\($0),\"startTime\":\($1)}" }.joined(separator: ",")
        let record = "{\"bootID\":\"\(boot)\",\"keeper\":1,\"processes\":[\(processes)]}"
        let file = open(keeper.state + "/run/keeper.json", O_CREAT | O_WRONLY, 0o600)
        _ = write(file, record, record.utf8.count)
        close(file)
        try keeper.start()
        let supervisor = try await keeper.supervisor()
        #expect(isAlive(somebody))
        #expect(!isAlive(leftover))
        end(leftover)
        try await keeper.stop(supervisor)
    }

    private func startSleep() throws -> pid_t {
        let words: [String] = ["sleep", "300"]
        var argv = words.map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        var pid = pid_t()
        try #require(posix_spawn(&pid, "/bin/sleep", nil, nil, &argv, environ) == 0)
        return pid
    }

    /// Field 22 of /proc/PID/stat.
    private func startTime(of pid: pid_t) -> UInt64? {
        let stat = readText("/proc/\(pid)/stat")
        let fields = stat.lastIndex(of: ")").map { stat[$0...].split(separator: " ") } ?? []
        return fields.count > 20 ? UInt64(fields[20]) : nil
    }
}
