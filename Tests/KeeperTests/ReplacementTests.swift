import Glibc
import Keeper
import TestSupport
import Testing

/// A supervisor that is replaced by another program.
@Suite(.timeLimit(.minutes(2)))
struct ReplacementTests {
    /// A copy of the test host under another name.
    private func copy(in keeper: RunningKeeper, _ name: String) throws -> String {
        let path = "\(keeper.folder)/\(name)"
        try #require(try run("/bin/cp", [RunningKeeper.host, path]) == 0)
        return path
    }

    private func executable(of pid: pid_t) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/\(pid)/exe", &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    @Test func anotherProgramTakesOverAndNothingNotices() async throws {
        let (keeper, first, client) = try await RunningKeeper.started()
        _ = try await client.list()
        let stays = try await client.spawn(shell("stays", "exec sleep 300", in: keeper))
        let other = try copy(in: keeper, "other")
        try await client.replaceSupervisor(executable: other)
        first.exit(status: 0)
        let second = try await keeper.supervisor()
        #expect(executable(of: second.pid) == other)
        let again = try second.client()
        #expect(try await again.list().map(\.pid) == [stays.pid])
        #expect(isAlive(stays.pid))
        // While it is on trial there is no other.
        do throws(KeeperError) {
            try await again.replaceSupervisor(executable: nil)
            Issue.record("it was replaced")
        } catch {
            #expect(error.code == .stopping)
            #expect(error.message.contains(/is on trial for \d+ s more/), "\(error.message)")
        }
        try await keeper.stop(second)
    }

    @Test(arguments: [UInt8(0), 78, 1]) func oneThatEndsGivesWayToTheOneBefore(status: UInt8) async throws {
        let (keeper, first, client) = try await RunningKeeper.started()
        _ = try await client.list()
        let stays = try await client.spawn(shell("stays", "exec sleep 300", in: keeper))
        let other = try copy(in: keeper, "other")
        try await client.replaceSupervisor(executable: other)
        first.exit(status: 0)
        let second = try await keeper.supervisor()
        second.exit(status: status)
        let third = try await keeper.supervisor()
        #expect(executable(of: third.pid) == RunningKeeper.host)
        let again = try third.client()
        #expect(try await again.list().map(\.pid) == [stays.pid])
        #expect(isAlive(stays.pid))
        #expect(keeper.standardError.contains("the new supervisor did not work"))
        try await keeper.stop(third)
    }

    @Test func theFileThatWasOverwrittenComesBack() async throws {
        let keeper = try RunningKeeper()
        let program = try copy(in: keeper, "program")
        try keeper.start(supervisorCommand: [program, "supervisor", keeper.folder + "/test.sock"])
        let first = try await keeper.supervisor()
        let client = try first.client()
        _ = try await client.list()
        // As a package manager does it: a new file in its place.
        unlink(program)
        let script = "#!/bin/sh\nexit 3\n"
        let file = open(program, O_CREAT | O_WRONLY | O_CLOEXEC, 0o755)
        _ = write(file, script, script.utf8.count)
        close(file)
        try await client.replaceSupervisor(executable: nil)
        first.exit(status: 0)
        let second = try await keeper.supervisor()
        #expect(executable(of: second.pid) == program + " (deleted)")
        // It stays, though the file at its path does not work.
        kill(second.pid, SIGKILL)
        let third = try await keeper.supervisor()
        #expect(executable(of: third.pid) == program + " (deleted)")
        try await keeper.stop(third)
    }

    @Test func whatIsNoProgramIsRefused() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        for path in ["/nowhere/program", "sh", "/etc/passwd"] {
            let code = await errorCode { () async throws(KeeperError) in try await client.replaceSupervisor(executable: path) }
            #expect(code == .invalidSpecification)
        }
        #expect(isAlive(supervisor.pid))
        try await keeper.stop(supervisor)
    }
}
