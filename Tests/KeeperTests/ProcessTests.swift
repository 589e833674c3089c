import Glibc
import Keeper
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
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

    /// The keeper has more files open than the process may have.
    @Test func itsOwnFewFilesDoNotHinderItsStart() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        _ = try await client.list()
        for number in 1...10 { _ = try await client.spawn(shell("other/\(number)", "exec sleep 300", in: keeper)) }
        _ = try await client.spawn(shell("few", "ulimit -n", in: keeper) { $0.limits.openFiles = 16 })
        #expect(openFiles(of: keeper.pid) > 16)
        #expect(await exitStatus(of: "few", client.events) == .exited(0))
        #expect(logLines("few", keeper) == ["out 16"])
        try await keeper.stop(supervisor)
    }

    /// Of two starts at once of one id, one is refused.
    @Test func twoStartsAtOnceAreOne() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        _ = try await client.list()
        for round in 0..<10 {
            let specification = shell("order/1", "exec sleep 300", in: keeper)
            let codes = await withTaskGroup(of: KeeperError.Code?.self) { group in
                for _ in 0..<4 {
                    group.addTask { await errorCode { () async throws(KeeperError) in _ = try await client.spawn(specification) } }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.count { $0 == nil } == 1 && codes.count { $0 == .alreadyRunning } == 3, "round \(round)")
            try await client.kill(id: "order/1")
            _ = await exitStatus(of: "order/1", client.events)
        }
        try await keeper.stop(supervisor)
    }

    /// A pid is the process's as long as it is not told of as ended; then nothing is sent to it any more, whoever has it.
    @Test func aPidThatIsUsedAgainIsNotSignalled() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started(usesControlGroups: false)
        _ = try await client.list()
        let record = try await client.spawn(shell("ended", "exit 0", in: keeper))
        #expect(await exitStatus(of: "ended", client.events) == .exited(0))
        // The kernel gives the next process the pid we ask for; only root may.
        let heir = try startWithPid(record.pid)
        defer { if let heir { end(heir) } }
        for signal in [SIGTERM, SIGKILL] {
            let code = await errorCode { () async throws(KeeperError) in try await client.signal(id: "ended", signal) }
            #expect(code == .notRunning)
        }
        #expect(await errorCode { () async throws(KeeperError) in try await client.kill(id: "ended") } == .notRunning)
        if let heir { #expect(isAlive(heir)) }
        try await keeper.stop(supervisor)
        if let heir { #expect(isAlive(heir)) }
    }

    @Test func manyQuickStartsLeakNothing() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        _ = try await client.list()
        func startAndEnd(_ count: Int) async throws {
            let ids = (0..<20).map { "quick/\($0)" }
            for _ in 0..<count / ids.count {
                for id in ids { _ = try await client.spawn(shell(id, "echo line", in: keeper)) }
                var running = Set(ids)
                while !running.isEmpty {
                    let ended = await next(client.events) { if case .exited(let id, .exited(0), _) = $0 { id } else { nil } }
                    running.remove(try #require(ended))
                }
            }
        }
        try await startAndEnd(200)
        let before = openFiles(of: keeper.pid)
        let threads = threadCount(of: keeper.pid)
        let memory = residentKilobytes(of: keeper.pid)
        try await startAndEnd(2000)
        // It may just be writing its record.
        try await eventually("as many open files as before") { openFiles(of: keeper.pid) <= before }
        #expect(threadCount(of: keeper.pid) == threads)
        #expect(residentKilobytes(of: keeper.pid) <= memory + 1024)
        #expect((0..<20).map { logLines("quick/\($0)", keeper).count } == [Int](repeating: 110, count: 20))
        try await keeper.stop(supervisor)
    }
}
