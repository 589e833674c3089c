import CLinux
import Glibc
@testable import Keeper
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct JournalTests {
    private func write(_ lines: [String], to source: JournalSource, tag: StreamTag = .out) {
        var timestamp = Timestamp()
        let time = Timestamp.realTime()
        let stamp = timestamp.stamp(time, tag: tag)
        let bytes = lines.flatMap { line in stamp.indices.map { stamp[$0] } + Array(line.utf8) + [UInt8(ascii: "\n")] }
        bytes.withUnsafeBytes { source.write(StampedLines(bytes: $0, count: lines.count, time: time, tag: tag)) }
    }

    @Test func eachLineIsAnEntryWithItsFields() throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let journal = try TestJournal(path: folder + "/journal.sock")
        let link = JournalLink(path: folder + "/journal.sock")
        let source = JournalSource(
            link: link,
            fields: ["SIGNALBOX_SERVICE": "order", "SIGNALBOX_INSTANCE": "2", "_PID": "1", "lower": "x", "MESSAGE": "no", "PRIORITY": "0"])
        write(["hello", "", "a=b"], to: source)
        write(["failed"], to: source, tag: .err)
        func entry(_ message: String, _ priority: String) -> [String: String] {
            ["SIGNALBOX_SERVICE": "order", "SIGNALBOX_INSTANCE": "2", "PRIORITY": priority, "MESSAGE": message]
        }
        #expect(journal.receive() == [entry("hello", "6"), entry("", "6"), entry("a=b", "6"), entry("failed", "3")])
        #expect(link.isIdle && source.loss.isEmpty)
    }

    @Test(arguments: [
        (#"{"level":"debug","message":"x"}"#, 7), (#"{"time":"t", "level" : "info"}"#, 6), (#"{"level":"WARNING"}"#, 4),
        (#"{"level":"notice"}"#, 5), (#"{"level":"error"}"#, 3), (#"{"level":"critical"}"#, 2), (#"{"level":30}"#, 6),
        (#"{"level":60}"#, 2),
        (#"{"level":"odd"}"#, 6), (#"{"level":"#, 3), (#"{"message":"x"}"#, 6), ("text", 3), ("", 3), ("{}", 6), (#"{"level"}"#, 6),
    ])
    func thePriorityIsThatOfTheLevel(line: String, priority: UInt8) {
        #expect(Array(line.utf8).withUnsafeBytes { LinePriority.of($0, tag: .err) } == priority)
    }

    @Test func valuesWithNewlinesAreEncodedWithTheirLength() {
        #expect(JournalSource.encode("A", "x") == Array("A=x\n".utf8))
        #expect(JournalSource.encode("A", "x\ny") == Array("A\n".utf8) + [3, 0, 0, 0, 0, 0, 0, 0] + Array("x\ny\n".utf8))
    }

    @Test func aJournalThatDoesNotReadLosesNothingUntilTheQueueIsFullAndThenCounts() throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let journal = try TestJournal(path: folder + "/journal.sock")
        let link = JournalLink(path: folder + "/journal.sock")
        let source = JournalSource(link: link, fields: ["SIGNALBOX_SERVICE": "loud"])
        let count = 60_000
        for start in stride(from: 0, to: count, by: 100) {
            write((start..<start + 100).map { "line \($0) \(String(repeating: "x", count: 60))" }, to: source)
        }
        #expect(!link.isIdle && source.loss.lines > 0)
        var entries: [[String: String]] = []
        var received = [[String: String]]()
        repeat {
            received = journal.receive()
            entries += received
            link.flush(at: Timestamp.realTime())
        } while !received.isEmpty || !link.isIdle
        let notices = entries.filter { $0["MESSAGE"]?.hasPrefix("[keeper]") == true }
        #expect(entries.count - notices.count + source.loss.lines == count)
        #expect(notices.count == 1)
        #expect(notices.first?["MESSAGE"]?.hasPrefix("[keeper] \(source.loss.lines) lines (\(source.loss.bytes) bytes) from ") == true)
        #expect(notices.first?["SIGNALBOX_SERVICE"] == "loud")
        // The first are there, in their order.
        let numbers = entries.compactMap { $0["MESSAGE"]?.split(separator: " ").dropFirst().first.flatMap { Int($0) } }
        #expect(Array(numbers.prefix(1000)) == Array(0..<1000))
    }

    @Test func anEntryThatIsTooBigForADatagramComesAsAFile() throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let journal = try TestJournal(path: folder + "/journal.sock")
        let link = JournalLink(path: folder + "/journal.sock")
        let source = JournalSource(link: link, fields: ["BIG": String(repeating: "x", count: 1 << 20)])
        write(["hello"], to: source)
        // The descriptor is in the datagram's control data, which this receiver does not look at.
        #expect(journal.receive() == [[:]])
        #expect(source.loss.isEmpty && link.isIdle)
    }

    @Test func aJournalThatComesBackIsFoundAgain() throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let path = folder + "/journal.sock"
        var journal: TestJournal? = try TestJournal(path: path)
        let link = JournalLink(path: path)
        let source = JournalSource(link: link, fields: [:])
        write(["one"], to: source)
        #expect(journal?.receive().count == 1)
        journal = nil
        write(["two"], to: source)
        #expect(!link.isIdle)
        let next = try TestJournal(path: path)
        var later = Timestamp.realTime()
        later.tv_sec += 2
        link.flush(at: later)
        #expect(next.receive().map { $0["MESSAGE"] } == ["two"])
        #expect(link.isIdle && source.loss.isEmpty)
    }

    @Test func aProcessCanWriteToBoth() async throws {
        let keeper = try RunningKeeper()
        let journal = try TestJournal(path: keeper.folder + "/journal.sock")
        try keeper.start()
        let supervisor = try await keeper.supervisor()
        let client = try supervisor.client()
        _ = try await client.list()
        let fields = ["SIGNALBOX_SERVICE": "both", "SYSLOG_IDENTIFIER": "both"]
        _ = try await client.spawn(
            shell("both", "echo out; echo error >&2; printf last", in: keeper) { $0.log = LogPolicy(toJournal: true, fields: fields) })
        #expect(await exitStatus(of: "both", client.events) == .exited(0))
        #expect(journal.receive().compactMap { $0["MESSAGE"] }.sorted() == ["error", "last", "out"])
        #expect(logLines("both", keeper).sorted() == ["err error", "out last", "out out"])
        _ = try await client.spawn(
            shell("journal", "echo alone", in: keeper) { $0.log = LogPolicy(toFile: false, toJournal: true, fields: fields) })
        #expect(await exitStatus(of: "journal", client.events) == .exited(0))
        #expect(journal.receive().map { $0["MESSAGE"] } == ["alone"])
        #expect(access(logPath("journal", keeper), F_OK) != 0)
        try await keeper.stop(supervisor)
    }

    @Test func withoutAJournalTheFileIsWritten() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        _ = try await client.list()
        _ = try await client.spawn(shell("journal", "echo alone", in: keeper) { $0.log = LogPolicy(toFile: false, toJournal: true) })
        #expect(await exitStatus(of: "journal", client.events) == .exited(0))
        #expect(logLines("journal", keeper) == ["out alone"])
        try await keeper.stop(supervisor)
    }
}
