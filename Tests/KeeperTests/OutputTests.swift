import Glibc
import Keeper
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
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
        _ = try await client.spawn(shell("loud", "seq 150000", in: keeper) { $0.log.maximumSize = 2 << 20 })
        #expect(await exitStatus(of: "loud", client.events) == .exited(0))
        let files = [logPath("loud", keeper)] + (1...4).map { "\(logPath("loud", keeper)).\($0)" }
        let text = files.reversed().map(readText).joined()
        let numbers = text.split(separator: "\n").compactMap { Int($0.split(separator: " ").last ?? "") }
        #expect(numbers == Array(1...150_000))
        #expect(readText(files[1]).utf8.count <= 2 << 20)
        try await keeper.stop(supervisor)
    }

    /// Fifty at a time, and each has been told of as ended only when its last line is in the log.
    @Test(arguments: [true, false]) func quickProcessesLoseNoLine(usesControlGroups: Bool) async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started(usesControlGroups: usesControlGroups)
        _ = try await client.list()
        let count = 250
        var started = 0
        func startNext() async throws {
            guard started < count else { return }
            started += 1
            _ = try await client.spawn(shell("quick/\(started)", "echo first; echo last \(started)", in: keeper))
        }
        for _ in 0..<50 { try await startNext() }
        var missing: [String] = []
        var ended = 0
        for await event in client.events {
            guard case .exited(let id, let status, _) = event else { continue }
            ended += 1
            #expect(status == .exited(0))
            if logLines(id, keeper) != ["out first", "out last \(id.dropFirst(6))"] { missing.append(id) }
            if ended == count { break }
            try await startNext()
        }
        #expect(missing == [])
        try await keeper.stop(supervisor)
    }

    /// Output of a process that cannot be written is given up and counted; the process goes on.
    @Test(.enabled(if: geteuid() == 0)) func aFullDiskHoldsNobodyUp() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        _ = try await client.list()
        let disk = keeper.folder + "/disk"
        try #require(mkdir(disk, 0o755) == 0)
        try #require(try run("/bin/mount", ["-t", "tmpfs", "-o", "size=1m", "none", disk]) == 0)
        defer { _ = try? run("/bin/umount", [disk]) }
        _ = try await client.spawn(shell("loud", "seq 200000; read line", in: keeper) { $0.logFile = disk + "/loud.log" })
        // Whatever it prints, it is to come to its end.
        _ = try await client.spawn(shell("finite", "seq 200000; echo last", in: keeper) { $0.logFile = disk + "/finite.log" })
        _ = try await client.spawn(shell("quiet", "echo quiet", in: keeper))
        var exits: [String: String] = [:]
        for await event in client.events {
            if case .exited(let id, let status, _) = event { exits[id] = "\(status)" }
            if exits.count == 3 { break }
        }
        #expect(exits == ["finite": "exited with 0", "quiet": "exited with 0", "loud": "exited with 1"])
        #expect(logLines("quiet", keeper) == ["out quiet"])
        let records = try await client.list()
        for id in ["loud", "finite"] {
            let record = try #require(records.first { $0.specification.id == id })
            let lines = readText("\(disk)/\(id).log").split(separator: "\n").filter { !$0.contains("[keeper]") }
            #expect(record.droppedLines > 0)
            #expect(lines.count + record.droppedLines == (id == "loud" ? 200_000 : 200_001))
        }
        try #require(try run("/bin/mount", ["-o", "remount,size=40m", disk]) == 0)
        try await eventually("the keeper's words on what was lost") {
            ["loud", "finite"].allSatisfy { readText("\(disk)/\($0).log").contains("lines (") }
        }
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
