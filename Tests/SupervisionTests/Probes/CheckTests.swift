import Glibc
@testable import Supervision
import TestSupport
import Testing
import Topology

@Suite struct CheckTests {
    private let environment = ["PATH": "/usr/bin:/bin"]

    private func run(_ script: String, timeout: Duration = .seconds(60)) async -> ProbeAnswer {
        await CommandCheck.run(["sh", "-c", script], environment: environment, workingDirectory: "/tmp", timeout: timeout)
    }

    @Test func aCommandsStatusIsItsAnswer() async {
        #expect(await run("test \"$PWD\" = /tmp") == .success)
        #expect(await run("exit 3") == .failure("it ended with status 3"))
        #expect(await run("kill -9 $$") == .failure("it ended with signal 9 (KILL)"))
        let missing = await CommandCheck.run(["no-such-program"], environment: environment, workingDirectory: "/", timeout: .seconds(1))
        #expect(missing == .failure("command not found: no-such-program (looked in /usr/bin:/bin)"))
    }

    @Test func aCommandThatDoesNotEndIsEndedWithAllThatItStarted() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let answer = await run("sh -c 'echo $$ > \(folder)/pid; exec sleep 1000' & wait", timeout: .seconds(2))
        #expect(answer == .failure("sh did not end within 2.0 seconds"))
        let bytes = try #require(try StateFile.read("\(folder)/pid"))
        let pid = try #require(pid_t(String(decoding: bytes.dropLast(), as: UTF8.self)))
        try await eventually("the end of the child") { kill(pid, 0) != 0 }
    }

    @Test func nobodyListeningIsAFailure() async {
        let target = ProbeTarget(port: freePort())
        for check in [Probe.Check.tcp(nil), .http(path: "/")] {
            guard case .failure = await ProbeCheck.ask(.declared(check), of: target, timeout: .seconds(2)) else {
                Issue.record("\(check) succeeded")
                continue
            }
        }
    }

    @Test func anAnswerComesInTimeWhateverTheWorkDoes() async {
        let answer = await TimeLimit.run(.milliseconds(50)) {
            await withCheckedContinuation { continuation in
                // Heeds no cancellation.
                Task.detached {
                    try? await Task.sleep(for: .seconds(1))
                    continuation.resume()
                }
            }
            return .success
        }
        #expect(answer == .failure("no answer within 0.05 seconds"))
        #expect(await TimeLimit.run(.seconds(10)) { .success } == .success)
    }

    @Test func commandsAreFoundAsAShellWould() throws {
        #expect(try ExecutableFinder.find("sh", path: "/nowhere:/bin", workingDirectory: "/") == "/bin/sh")
        #expect(try ExecutableFinder.find("./sh", path: "", workingDirectory: "/bin") == "/bin/./sh")
        #expect(throws: ExecutableFinder.NotFound.self) { try ExecutableFinder.find("passwd", path: "/etc", workingDirectory: "/") }
        #expect(throws: ExecutableFinder.NotFound.self) { try ExecutableFinder.find("/etc/passwd", path: "", workingDirectory: "/") }
        #expect(throws: ExecutableFinder.NotFound.self) { try ExecutableFinder.find("", path: "/bin", workingDirectory: "/") }
    }
}
