import Glibc
@testable import Supervision
import TestSupport
import Testing

@Suite struct CommandRunTests {
    private func run(_ command: [String], in folder: String = "/tmp", timeout: Duration = .seconds(60)) async -> ProbeAnswer? {
        let target = ProbeTarget(port: nil, environment: ["PATH": "/usr/bin:/bin", "WORD": "x"], workingDirectory: folder)
        return await withCheckedContinuation { continuation in
            let isStarted = CommandRun(command, as: target).start(timeout: timeout) { continuation.resume(returning: $0) }
            if !isStarted { continuation.resume(returning: nil) }
        }
    }

    private func run(_ script: String, timeout: Duration = .seconds(60)) async -> ProbeAnswer? {
        await run(["sh", "-c", script], timeout: timeout)
    }

    @Test func aCommandsStatusIsItsAnswer() async {
        #expect(await run("test \"$PWD\" = /tmp && test \"$WORD\" = x") == .success)
        #expect(await run("exit 3") == .failure("it ended with status 3"))
        #expect(await run("kill -9 $$") == .failure("it ended with signal 9 (KILL)"))
        #expect(await run(["no-such-program"]) == .failure("command not found: no-such-program (looked in /usr/bin:/bin)"))
        #expect(await run([]) == .failure("the command is empty"))
        #expect(await run(["true"], in: "/no/such/folder") == .failure("true cannot be started: No such file or directory"))
    }

    @Test func aCommandThatDoesNotEndIsEndedWithAllThatItStarted() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let answer = await run("sh -c 'echo $$ > \(folder)/pid; exec sleep 1000' & wait", timeout: .seconds(2))
        #expect(answer == .failure("sh did not end within 2.0 seconds"))
        try await expectEnd(ofPIDIn: "\(folder)/pid")
    }

    @Test func whatACommandLeavesBehindIsEndedWithIt() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        #expect(await run("sleep 1000 & echo $! > \(folder)/pid") == .success)
        try await expectEnd(ofPIDIn: "\(folder)/pid")
    }

    @Test func aRunThatIsCancelledIsKilled() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let target = ProbeTarget(port: nil, environment: ["PATH": "/usr/bin:/bin"], workingDirectory: folder)
        let run = CommandRun(["sh", "-c", "echo $$ > pid; exec sleep 1000"], as: target)
        let answer = AsyncStream<ProbeAnswer?> { continuation in
            _ = run.start(timeout: .seconds(60)) { continuation.yield($0) }
        }
        try await eventually("the command") { try StateFile.read("\(folder)/pid")?.isEmpty == false }
        run.cancel()
        var answers = answer.makeAsyncIterator()
        #expect(await answers.next() == .failure("it ended with signal 9 (KILL)"))
    }

    @Test(.enabled(if: getuid() == 0)) func aCommandRunsAsTheServicesUser() async {
        // With the group of its entry in /etc/passwd, and nothing left of ours.
        let own = "$(getent passwd nobody | cut -d : -f 4)"
        let script = "test \"$(id -un)\" = nobody && test \"$(id -g)\" = \"\(own)\" && case \" $(id -G) \" in *' 0 '*) exit 1;; esac"
        #expect(await run(script, as: "nobody", nil) == .success)
        #expect(await run("test \"$(id -u):$(id -g):$(id -G)\" = \"$(id -u nobody):12:12\"", as: "nobody", "12") == .success)
        #expect(await run("test \"$(id -u):$(id -g):$(id -G)\" = 0:12:12", as: nil, "12") == .success)
        guard case .failure(let reason) = await run("true", as: "no-such-user", nil) else {
            Issue.record("it ran")
            return
        }
        #expect(reason.contains("there is no user \"no-such-user\""))
    }

    private func run(_ script: String, as user: String?, _ group: String?) async -> ProbeAnswer? {
        let target = ProbeTarget(port: nil, environment: ["PATH": "/usr/bin:/bin"], workingDirectory: "/", user: user, group: group)
        return await withCheckedContinuation { continuation in
            let run = CommandRun(["sh", "-c", script], as: target)
            if !run.start(timeout: .seconds(60), completion: { continuation.resume(returning: $0) }) { continuation.resume(returning: nil) }
        }
    }

    @Test func aRunThatWasCancelledBeforeItBeganDoesNotBegin() throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let target = ProbeTarget(port: nil, environment: ["PATH": "/usr/bin:/bin"], workingDirectory: folder)
        let run = CommandRun(["touch", "there"], as: target)
        run.cancel()
        #expect(run.run(timeout: .seconds(60)) == nil)
        #expect(access("\(folder)/there", F_OK) != 0)
    }

    @Test func commandsAreFoundAsAShellWould() throws {
        #expect(try ExecutableFinder.find("sh", path: "/nowhere:/bin", workingDirectory: "/") == "/bin/sh")
        #expect(try ExecutableFinder.find("./sh", path: "", workingDirectory: "/bin") == "/bin/./sh")
        #expect(throws: ExecutableFinder.NotFound.self) { try ExecutableFinder.find("passwd", path: "/etc", workingDirectory: "/") }
        #expect(throws: ExecutableFinder.NotFound.self) { try ExecutableFinder.find("/etc/passwd", path: "", workingDirectory: "/") }
        #expect(throws: ExecutableFinder.NotFound.self) { try ExecutableFinder.find("", path: "/bin", workingDirectory: "/") }
    }

    private func expectEnd(ofPIDIn file: String) async throws {
        let bytes = try #require(try StateFile.read(file))
        let pid = try #require(pid_t(String(decoding: bytes.dropLast(), as: UTF8.self)))
        try await eventually("the end of \(pid)") { kill(pid, 0) != 0 }
    }
}
