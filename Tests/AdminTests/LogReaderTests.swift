import Foundation
import Supervision
import TestSupport
import Testing

@testable import Admin

@Suite struct LogReaderTests {
    private func lines(_ numbers: some Sequence<Int>) -> [String] { numbers.map { "line \($0)" } }

    @Test func theLastLinesAreFoundOverBlocksAndRotatedFiles() async throws {
        try await LogTestFolder.with { folder in
            let log = folder.log()
            try folder.write(1...5000, to: log, rotated: 2)
            try folder.write(5001...5010, to: log, rotated: 1)
            try folder.write(5011...9000, to: log)
            for count in [0, 1, 3, 3990, 3991, 3995, 4500, 9000, 100_000] {
                let texts = try await folder.texts([log], .last(count))
                #expect(texts == lines(max(1, 9001 - count)..<9001), "\(count)")
            }
        }
    }

    @Test func everythingIsReadFromTheOldestFileOnInPortionsOfAnySize() async throws {
        try await LogTestFolder.with { folder in
            let log = folder.log()
            try folder.write(1...500, to: log, rotated: 3)
            try folder.write(501...501, to: log, rotated: 2)
            try folder.write("", to: log, rotated: 1)
            try folder.write(502...900, to: log)
            for portion in [1, 7, 1000] {
                let texts = try await folder.texts([log], .first, portion: portion)
                #expect(texts == lines(1...900))
            }
        }
    }

    @Test func aCursorMissesNothingAndDoublesNothingOverRotations() async throws {
        try await LogTestFolder.with { folder in
            let log = folder.log()
            var cursor: LogCursor?
            var seen: [String] = []
            var next = 1
            for round in 0..<40 {
                try folder.append(next..<(next + 25), to: log)
                next += 25
                if round % 3 == 1 { folder.rotate(log) }
                var reader = try await folder.reader([log], cursor.map { .cursor($0) } ?? .first)
                // Not all of it each time: what is left waits behind the place.
                let page = try await reader.page(LogPage(maximumLines: 20))
                seen += page.lines.map(\.text)
                cursor = LogCursor(reader.pager.cursor.word)
                #expect(cursor == reader.pager.cursor)
                #expect(reader.pager.gaps.isEmpty)
                if round % 5 == 4 {
                    seen += try await reader.rest()
                    cursor = reader.pager.cursor
                }
            }
            var reader = try await folder.reader([log], .cursor(#require(cursor)))
            seen += try await reader.rest()
            #expect(seen == lines(1..<next))
        }
    }

    /// From there on nothing could be counted.
    @Test(arguments: ["3w5e11264sgsf", "zzzzzzzzzzzz"]) func aNumberOutOfBoundsIsNoCursor(number: String) {
        func word(_ time: String, _ offset: String, _ last: String) -> String {
            Data("1\n\(time)\norder 1 5 \(offset) \(last)\n.".utf8).base64EncodedString()
        }
        #expect(LogCursor(word("1", "1", "1")) != nil)
        #expect(LogCursor(word(number, "1", "1")) == nil)
        #expect(LogCursor(word("1", number, "1")) == nil)
        #expect(LogCursor(word("1", "1", number)) == nil)
    }

    @Test func whatWasDeletedBeforeItWasReadIsSaidToBeLost() async throws {
        try await LogTestFolder.with { folder in
            let log = folder.log()
            try folder.write(1...10, to: log)
            var reader = try await folder.reader([log], .first)
            _ = try await reader.page(LogPage(maximumLines: 5))
            let cursor = reader.pager.cursor
            for number in 1...3 {
                folder.rotate(log, keep: 2)
                try folder.write((number * 100)...(number * 100 + 1), to: log)
            }
            var later = try await folder.reader([log], .cursor(cursor))
            let texts = try await later.rest()
            #expect(texts == ["line 100", "line 101", "line 200", "line 201", "line 300", "line 301"])
            #expect(later.pager.gaps == ["order/1"])
        }
    }

    @Test func aFileThatTookTheNumberOfADeletedOneIsNotTakenForIt() async throws {
        try await LogTestFolder.with { folder in
            let log = folder.log()
            try folder.write(100...109, to: log)
            let handle = try #require(LogFileHandle(path: log.path))
            // The place of a file with this number that began, and was read up to, earlier.
            let time = try #require(LogTimestamp("2026-11-21T12:00:00.000050Z"))
            let position = LogPosition(inode: handle.inode, offset: 45, time: time)
            let cursor = LogCursor(time: time, positions: [LogCursor.Key(log): position])
            #expect(try await folder.texts([log], .cursor(cursor)) == lines(100...109))
        }
    }

    @Test func anInstanceThatTheCursorDoesNotKnowIsReadFromTheCursorsTimeOn() async throws {
        try await LogTestFolder.with { folder in
            let (one, two) = (folder.log("order", 1), folder.log("order", 2))
            try folder.write(1...3, to: one)
            var reader = try await folder.reader([one], .first)
            _ = try await reader.rest()
            var cursor = reader.pager.cursor
            cursor.time = try #require(LogTimestamp("2026-11-21T12:00:00.000003Z"))
            try folder.write(1...6, to: two)
            #expect(try await folder.texts([one, two], .cursor(cursor)) == lines(3...6))
        }
    }

    @Test func logsAreOneInTheOrderOfTime() async throws {
        try await LogTestFolder.with { folder in
            let logs = (1...5).map { folder.log("s", $0) }
            for (index, log) in logs.enumerated() { try folder.write(stride(from: index + 1, through: 1000, by: 5), to: log) }
            #expect(try await folder.texts(logs, .first, portion: 7) == lines(1...1000))
            #expect(try await folder.texts(logs, .last(33)) == lines(968...1000))
        }
    }

    @Test func halfALineWaitsForItsOtherHalf() async throws {
        try await LogTestFolder.with { folder in
            let log = folder.log()
            try folder.write(LogTestFolder.line(1) + "2026-11-21T12:00:00.000002Z out line", to: log)
            var reader = try await folder.reader([log], .last(10))
            #expect(try await reader.rest() == ["line 1"])
            let place = reader.pager.cursor
            try folder.append(" 2\n", to: log)
            #expect(try await reader.rest() == ["line 2"])
            #expect(try await folder.texts([log], .cursor(place)) == ["line 2"])
        }
    }

    @Test func aFileThatIsNotThereYetIsReadFromItsStart() async throws {
        try await LogTestFolder.with { folder in
            let log = folder.log()
            var reader = try await folder.reader([log], .last(10))
            #expect(try await reader.rest() == [])
            try folder.write(1...2, to: log)
            #expect(try await reader.rest() == lines(1...2))
            #expect(try await reader.rest() == [])
        }
    }

    @Test func aFileThatWasEmptiedIsReadAnew() async throws {
        try await LogTestFolder.with { folder in
            let log = folder.log()
            try folder.write(1...100, to: log)
            var reader = try await folder.reader([log], .last(1))
            #expect(try await reader.rest() == ["line 100"])
            truncate(log.path, 0)
            #expect(try await reader.rest() == [])
            try folder.append(101...101, to: log)
            #expect(try await reader.rest() == ["line 101"])
        }
    }

    @Test func aLineWithoutAnEndIsHandedOnInBoundedPieces() async throws {
        try await LogTestFolder.with { folder in
            let log = folder.log()
            try folder.write(LogTestFolder.line(1) + String(repeating: "x", count: 1_000_000) + "\n" + LogTestFolder.line(2), to: log)
            let texts = try await folder.texts([log], .first)
            #expect(texts.first == "line 1")
            #expect(texts.last == "line 2")
            #expect(texts.joined().count == 12 + 1_000_000)
            #expect(texts.allSatisfy { $0.utf8.count <= LogArchive.maximumLine + 256 << 10 })
            #expect(try await folder.texts([log], .last(1)) == ["line 2"])
        }
    }

    @Test func aLinkIsNotFollowed() async throws {
        try await LogTestFolder.with { folder in
            let log = folder.log()
            symlink("/etc/passwd", log.path)
            let texts = try await (folder.texts([log], .first), folder.texts([log], .last(5)))
            #expect(texts == ([], []))
        }
    }

    @Test func aPortionIsBoundedInBytesToo() async throws {
        try await LogTestFolder.with { folder in
            let log = folder.log()
            let long = String(repeating: "y", count: 100_000)
            try folder.write((1...40).map { LogTestFolder.line($0, "out", long) }.joined(), to: log)
            var reader = try await folder.reader([log], .first)
            let page = try await reader.page(LogPage(maximumLines: 1000))
            #expect(page.lines.count == 11)
            #expect(page.hasMore)
            let rest = try await reader.rest()
            #expect(rest.count == 29)
        }
    }

    @Test func sinceIsFoundByHalving() async throws {
        try await LogTestFolder.with { folder in
            let log = folder.log()
            try folder.write(1...4000, to: log, rotated: 1)
            try folder.write(4001...9000, to: log)
            for number in [1, 2, 3999, 4000, 4001, 4002, 8999, 9000] {
                let since = LogTimestamp(String(LogTestFolder.line(number).prefix(27)))
                #expect(try await folder.texts([log], .first, LogFilter(since: since)) == lines(number...9000))
                let position = LogArchive(path: log.path).position(at: try #require(since))
                let handle = try #require(LogArchive(path: log.path).file(of: position))
                let found = String(decoding: handle.read(from: position.offset, count: 27), as: UTF8.self)
                // At the end of a file the first line of the next is meant.
                #expect(found == since?.text || number == 4001 && found.isEmpty)
            }
            let late = LogTimestamp("2027-01-01T00:00:00.000000Z")
            #expect(try await folder.texts([log], .first, LogFilter(since: late)) == [])
        }
    }

    @Test func untilEndsAndIsGoneOnFrom() async throws {
        try await LogTestFolder.with { folder in
            let log = folder.log()
            try folder.write(1...100, to: log)
            let until = LogTimestamp(String(LogTestFolder.line(51).prefix(27)))
            var reader = try await folder.reader([log], .first, LogFilter(until: until))
            #expect(try await reader.rest() == lines(1...50))
            #expect(try await folder.texts([log], .cursor(reader.pager.cursor)) == lines(51...100))
            #expect(try await folder.texts([log], .last(3), LogFilter(until: until)) == lines(48...50))
        }
    }

    @Test func textAndLevelAreFiltersOfTheLastLinesToo() async throws {
        try await LogTestFolder.with { folder in
            let log = folder.log()
            let text = (1...3000).map { number in
                number % 1000 == 0
                    ? LogTestFolder.line(number, "out", #"{"level":"warning","message":"needle \#(number)"}"#) : LogTestFolder.line(number)
            }
            try folder.write(text.joined(), to: log)
            let needles = try await folder.texts([log], .last(2), LogFilter(text: Array("needle".utf8)))
            #expect(needles.count == 2)
            #expect(needles.last?.contains("needle 3000") == true)
            let warnings = try await folder.texts([log], .first, LogFilter(minimumLevel: .warning))
            #expect(warnings.count == 3)
            #expect(try await folder.texts([log], .first, LogFilter(minimumLevel: .error)) == [])
        }
    }

    @Test func thousandsOfLogsKeepNoFileOpen() async throws {
        try await LogTestFolder.with { folder in
            let logs = (1...600).map { folder.log("s", $0) }
            for (index, log) in logs.enumerated() { try folder.write([index + 1, index + 1001], to: log) }
            let before = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
            var reader = try await folder.reader(logs, .last(700))
            let rest = try await reader.rest(portion: 50)
            #expect(rest.count == 700)
            let after = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
            // Others' tests run beside this one.
            #expect(after - before < 300)
        }
    }
}
