import Glibc
@testable import Keeper
import TestSupport
import Testing

struct LogFileTests {
    @Test func itIsRotatedBySizeAndTheOldestIsDropped() throws {
        let folder = try temporaryDirectory()
        defer { _ = try? run("/bin/rm", ["-rf", folder]) }
        let path = folder + "/deep/er/service.log"
        let log = try LogFile(path: path, maximumSize: 10)
        for number in 0..<6 { log.write(Array("line \(number)\n".utf8)) }
        #expect(readText(path) == "line 5\n")
        #expect((1...3).map { readText("\(path).\($0)") } == ["line 4\n", "line 3\n", "line 2\n"])
        #expect(access(path + ".4", F_OK) != 0)
        // One that is opened again goes on where it was.
        try LogFile(path: path, maximumSize: 100).write(Array("more\n".utf8))
        #expect(readText(path) == "line 5\nmore\n")
    }

    @Test func bytesThatCannotBeWrittenAreCounted() throws {
        let folder = try temporaryDirectory()
        defer { _ = try? run("/bin/rm", ["-rf", folder]) }
        let log = try LogFile(path: "/dev/full")
        log.write(Array("lost\n".utf8))
        log.write(Array("lost too\n".utf8))
        #expect(log.droppedBytes == 14)
    }

    @Test func timesAreInUTCWithMicroseconds() {
        var timestamp = Timestamp()
        let first = timestamp.format(timespec(tv_sec: 1_795_262_400, tv_nsec: 123_456_789))
        #expect(String(decoding: first, as: UTF8.self) == "2026-11-21T12:00:00.123456Z")
        let second = timestamp.format(timespec(tv_sec: 1_795_262_401, tv_nsec: 0))
        #expect(String(decoding: second, as: UTF8.self) == "2026-11-21T12:00:01.000000Z")
    }
}
