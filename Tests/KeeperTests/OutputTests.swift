import Glibc
import Keeper
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct OutputTests {
    @Test func theLastLinesOfAProcessThatPrintsAndExitsAreThere() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        _ = try await client.list()
        for number in 0..<50 {
            let id = "printer/\(number)"
            _ = try await client.spawn(shell(id, "seq 2000; echo error >&2; printf 'no newline'", in: keeper))
            #expect(await exitStatus(of: id, client.events) == .exited(0))
            let lines = logLines(id, keeper)
            #expect(lines.count == 2002)
            #expect(lines.contains("out 2000") && lines.contains("err error") && lines.contains("out no newline"))
        }
        let line = readText(logPath("printer/0", keeper)).split(separator: "\n").first ?? ""
        #expect(line.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z out 1/) != nil)
        try await keeper.stop(supervisor)
    }

    @Test func moreThanAPipeHoldsArrivesWhole() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        _ = try await client.list()
        _ = try await client.spawn(shell("loud", "seq 1000000", in: keeper))
        #expect(await exitStatus(of: "loud", client.events) == .exited(0))
        let files = [logPath("loud", keeper)] + (1...3).map { "\(logPath("loud", keeper)).\($0)" }
        let text = files.reversed().map(readText).joined()
        let numbers = text.split(separator: "\n").compactMap { Int($0.split(separator: " ").last ?? "") }
        #expect(numbers == Array(1...1_000_000))
        #expect(readText(files[1]).utf8.count <= 16 << 20)
        try await keeper.stop(supervisor)
    }

    @Test func theSupervisorsOutputIsLoggedAndCopied() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        _ = try await client.list()
        #expect(logLines("supervisor", keeper) == ["out supervisor \(supervisor.pid) began"])
        #expect(keeper.standardError == "supervisor \(supervisor.pid) began\n")
        try await keeper.stop(supervisor)
    }
}
