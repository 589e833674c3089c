import Glibc
import Keeper
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ProcessTests {
    @Test func exitCodesAndSignalsAreTold() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        #expect(try await client.list().isEmpty)
        _ = try await client.spawn(shell("code", "exit 7", in: keeper))
        #expect(await exitStatus(of: "code", client.events) == .exited(7))
        let record = try await client.spawn(shell("signal", "exec sleep 300", in: keeper))
        #expect(isAlive(record.pid))
        try await client.signal(id: "signal", SIGTERM)
        #expect(await exitStatus(of: "signal", client.events) == .signalled(SIGTERM, coreDumped: false))
        let ended = try await client.list()
        #expect(ended.map(\.specification.id) == ["code", "signal"])
        #expect(ended.map(\.status) == [.exited(7), .signalled(SIGTERM, coreDumped: false)])
        try await client.forget(id: "code")
        #expect(try await client.list().count == 1)
        try await keeper.stop(supervisor)
    }

    @Test func anIdRunsOnce() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        _ = try await client.list()
        _ = try await client.spawn(shell("order/1", "exec sleep 300", in: keeper))
        #expect(
            await errorCode { () async throws(KeeperError) in _ = try await client.spawn(shell("order/1", "true", in: keeper)) }
                == .alreadyRunning)
        #expect(await errorCode { () async throws(KeeperError) in try await client.forget(id: "order/1") } == .alreadyRunning)
        try await client.kill(id: "order/1")
        #expect(await exitStatus(of: "order/1", client.events) == .signalled(SIGKILL, coreDumped: false))
        #expect(await errorCode { () async throws(KeeperError) in try await client.kill(id: "order/1") } == .notRunning)
        _ = try await client.spawn(shell("order/1", "exit 0", in: keeper))
        #expect(await exitStatus(of: "order/1", client.events) == .exited(0))
        #expect(await errorCode { () async throws(KeeperError) in try await client.signal(id: "order/2", SIGTERM) } == .unknownProcess)
        try await keeper.stop(supervisor)
    }

    @Test func aStartThatFailsSaysWhereAndWhy() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        let script = keeper.folder + "/script"
        close(open(script, O_CREAT | O_WRONLY, 0o600))

        func failure(_ change: (inout ProcessSpecification) -> Void) async -> KeeperError? {
            do throws(KeeperError) {
                _ = try await client.spawn(shell("x", "true", in: keeper, change: change))
                return nil
            } catch {
                return error
            }
        }
        let missing = await failure { $0.executable = "/nowhere/program" }
        #expect(missing?.code == .cannotStart && missing?.underlying == SystemError(step: "execve", number: ENOENT))
        #expect(missing?.message.contains("there is no /nowhere/program") == true)
        let forbidden = await failure { $0.executable = script }
        #expect(forbidden?.underlying == SystemError(step: "execve", number: EACCES))
        let folder = await failure { $0.workingDirectory = "/nowhere" }
        #expect(folder?.underlying == SystemError(step: "chdir", number: ENOENT))
        #expect(folder?.message.contains("/nowhere") == true)
        #expect(await failure { $0.user = "nobody-of-that-name" }?.code == .unknownUser)
        #expect(await failure { $0.executable = "true" }?.code == .invalidSpecification)
        #expect(await failure { $0.limits.cpu = 0 }?.code == .invalidSpecification)
        #expect(await failure { $0.limits.openFiles = -1 }?.code == .invalidSpecification)
        #expect(await failure { $0.sockets = ["http"] }?.code == .unknownSocket)
        // Nothing of the failed ones stays, and the id is free.
        #expect(try await client.list().isEmpty)
        _ = try await client.spawn(shell("x", "exit 3", in: keeper))
        #expect(await exitStatus(of: "x", client.events) == .exited(3))
        try await keeper.stop(supervisor)
    }

    @Test func itGetsWhatWasSpecifiedAndNothingElse() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        _ = try await client.list()
        let script = """
            env | grep -v -e ^PWD= -e ^SHLVL= -e ^_= -e ^SIGNALBOX_RUN= -e ^OLDPWD= | sort
            pwd; umask; ulimit -n; ls /proc/self/fd | wc -l; readlink /proc/self/fd/0
            grep -e SigBlk -e SigIgn /proc/self/status
            test "$(ps -o sid= -p $$ | tr -d ' ')" = $$ && echo leader
            """
        _ = try await client.spawn(
            shell("look", script, in: keeper) {
                $0.environment["GREETING"] = "hello world"
                $0.umask = 0o027
                $0.limits.openFiles = 123
            })
        #expect(await exitStatus(of: "look", client.events) == .exited(0))
        let none = "0000000000000000"
        #expect(
            logLines("look", keeper) == [
                "out GREETING=hello world", "out PATH=/usr/bin:/bin", "out \(keeper.folder)", "out 0027", "out 123", "out 4",
                "out /dev/null",
                "out SigBlk:\t\(none)", "out SigIgn:\t\(none)", "out leader",
            ])
        let record = try #require(try await client.list().first)
        #expect(record.specification.environment.isEmpty)
        try await keeper.stop(supervisor)
    }

    @Test(.enabled(if: geteuid() == 0)) func itRunsAsItsUser() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        _ = try await client.list()
        _ = try await client.spawn(
            shell("who", "id -un; id -gn; id -Gn", in: keeper) { $0.user = "nobody" })
        #expect(await exitStatus(of: "who", client.events) == .exited(0))
        #expect(logLines("who", keeper) == ["out nobody", "out nogroup", "out nogroup"])
        try await keeper.stop(supervisor)
    }

    @Test func manyQuickStartsLeakNothing() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        _ = try await client.list()
        func startAndEnd(_ count: Int) async throws {
            for number in 0..<count {
                _ = try await client.spawn(shell("quick", "echo \(number)", in: keeper))
                #expect(await exitStatus(of: "quick", client.events) == .exited(0))
            }
        }
        try await startAndEnd(5)
        let before = openFiles(of: keeper.pid)
        try await startAndEnd(200)
        // It may just be writing its record.
        try await eventually("as many open files as before") { openFiles(of: keeper.pid) <= before }
        #expect(logLines("quick", keeper).count == 205)
        try await keeper.stop(supervisor)
    }
}
