import CLinux
import Glibc
@testable import Keeper
import TestSupport
import Testing

struct LogFileTests {
    /// Writes lines as they come from a stamper.
    @discardableResult
    private func write(_ lines: [String], to log: LogFile, at time: timespec = Timestamp.realTime()) -> LogLoss {
        var timestamp = Timestamp()
        let stamp = timestamp.stamp(time, tag: .out)
        let bytes = lines.flatMap { line in stamp.indices.map { stamp[$0] } + Array(line.utf8) + [UInt8(ascii: "\n")] }
        return bytes.withUnsafeBytes { log.write(StampedLines(bytes: $0, count: lines.count, time: time, tag: .out)) }
    }

    private func texts(_ path: String) -> [String] {
        readText(path).split(separator: "\n").map { String($0.dropFirst(Timestamp.length)) }
    }

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        try body(folder)
    }

    @Test func itIsRotatedBySizeAndTheOldestIsDropped() throws {
        try withFolder { folder in
            let path = folder + "/deep/er/service.log"
            let log = try LogFile(path: path, policy: LogPolicy(maximumSize: 50, keep: 3))
            for number in 0..<6 { write(["line \(number)"], to: log) }
            #expect(texts(path) == ["line 5"])
            #expect((1...3).flatMap { texts("\(path).\($0)") } == ["line 4", "line 3", "line 2"])
            #expect(access(path + ".4", F_OK) != 0)
            // One that is opened again goes on where it was, and gives up what it is not to keep any more.
            write(["more"], to: try LogFile(path: path, policy: LogPolicy(maximumSize: 1000, keep: 1)))
            #expect(texts(path) == ["line 5", "more"])
            #expect(access(path + ".1", F_OK) == 0 && access(path + ".2", F_OK) != 0 && access(path + ".3", F_OK) != 0)
        }
    }

    @Test func aBatchIsDividedBetweenFilesAtItsLines() throws {
        try withFolder { folder in
            let path = folder + "/service.log"
            let log = try LogFile(path: path, policy: LogPolicy(maximumSize: 100, keep: 9))
            write((0..<5).map { "line \($0)" } + [String(repeating: "x", count: 200), "last"], to: log)
            let files = (1...4).reversed().map { texts("\(path).\($0)") } + [texts(path)]
            let long = String(repeating: "x", count: 200)
            #expect(files == [["line 0", "line 1"], ["line 2", "line 3"], ["line 4"], [long], ["last"]])
        }
    }

    @Test func itIsRotatedByAgeAndTheOldAreDeleted() throws {
        try withFolder { folder in
            let path = folder + "/service.log"
            let log = try LogFile(path: path, policy: LogPolicy(keep: 2, maximumAge: 60))
            func later(_ seconds: Int) -> timespec {
                var time = Timestamp.realTime()
                time.tv_sec += seconds
                return time
            }
            write(["first"], to: log)
            write(["still the first file"], to: log, at: later(50))
            #expect(texts(path).count == 2)
            log.tend(at: later(61))
            #expect(texts(path).isEmpty && texts(path + ".1").count == 2)
            log.tend(at: later(170))
            #expect(texts(path + ".1").count == 2)
            log.tend(at: later(190))
            #expect(access(path + ".1", F_OK) != 0)
        }
    }

    @Test func aFileThatSomebodyRemovedIsMadeAgain() throws {
        try withFolder { folder in
            let path = folder + "/service.log"
            let log = try LogFile(path: path)
            write(["one"], to: log)
            unlink(path)
            var time = Timestamp.realTime()
            time.tv_sec += 2
            write(["two"], to: log, at: time)
            #expect(texts(path) == ["two"])
        }
    }

    @Test func whatCannotBeWrittenIsCounted() throws {
        let log = try LogFile(path: "/dev/full")
        let first = write(["lost"], to: log)
        let second = write(["lost too", ""], to: log)
        #expect(first.lines == 1 && first.bytes == 5)
        #expect(second.lines == 2 && second.bytes == 10)
        #expect(log.hasPendingLoss)
    }

    /// A small file system that gets full and is made room in again.
    @Test(.enabled(if: geteuid() == 0)) func aFullDiskCostsLinesThatAreCountedToTheLast() throws {
        try withFolder { folder in
            let disk = folder + "/disk"
            try #require(mkdir(disk, 0o755) == 0)
            try #require(try run("/bin/mount", ["-t", "tmpfs", "-o", "size=256k", "none", disk]) == 0)
            defer { _ = try? run("/bin/umount", [disk]) }
            let path = disk + "/service.log"
            let log = try LogFile(path: path)
            var loss = LogLoss()
            for batch in 0..<100 { loss.add(write((0..<100).map { "batch \(batch) line \($0)" }, to: log)) }
            let kept = texts(path)
            #expect(kept.count + loss.lines == 10_000 && loss.lines > 0)
            #expect(kept == (0..<kept.count).map { "batch \($0 / 100) line \($0 % 100)" })
            #expect(readText(path).hasSuffix("\n"))
            #expect(loss.bytes == (kept.count..<10_000).reduce(0) { $0 + "batch \($1 / 100) line \($1 % 100)\n".utf8.count })

            try #require(try run("/bin/mount", ["-o", "remount,size=4m", disk]) == 0)
            write(["again"], to: log)
            let after = Array(texts(path).dropFirst(kept.count))
            #expect(after.count == 2 && after.last == "again" && !log.hasPendingLoss)
            #expect(after.first?.contains("[keeper] \(loss.lines) lines (\(loss.bytes) bytes) from 20") == true)
            #expect(after.first?.contains("No space left on device") == true)
        }
    }

    @Test func timesAreInUTCWithMicroseconds() {
        var timestamp = Timestamp()
        func text(_ time: timespec, _ tag: StreamTag) -> String {
            let stamp = timestamp.stamp(time, tag: tag)
            return String(decoding: stamp.indices.map { stamp[$0] }, as: UTF8.self)
        }
        #expect(text(timespec(tv_sec: 1_795_262_400, tv_nsec: 123_456_789), .out) == "2026-11-21T12:00:00.123456Z out ")
        #expect(text(timespec(tv_sec: 1_795_262_400, tv_nsec: 999_999_999), .err) == "2026-11-21T12:00:00.999999Z err ")
        #expect(text(timespec(tv_sec: 1_795_262_401, tv_nsec: 0), .out) == "2026-11-21T12:00:01.000000Z out ")
        #expect(timestamp.text(timespec(tv_sec: 1_795_262_401, tv_nsec: 0)) == "2026-11-21T12:00:01.000000Z")
    }
}
