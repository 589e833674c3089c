import Foundation
import Supervision
import TestSupport
import Testing

@testable import Admin

@Suite struct LogCursorTests {
    private func inDirectory(_ test: (LogFile) throws -> Void) throws {
        let directory = try temporaryDirectory()
        defer { removeDirectory(directory) }
        try test(LogFile(service: "order", instance: 1, path: directory + "/order.1.log"))
    }

    private func line(_ number: Int) -> String { "2026-11-21T12:00:00.\(String(1_000_000 + number).dropFirst())Z out line \(number)\n" }
    private func write(_ numbers: some Sequence<Int>, to path: String) throws {
        try Data(numbers.map(line).joined().utf8).write(to: URL(filePath: path))
    }

    @Test func theLastLinesAreFoundOverBlocksAndRotatedFiles() throws {
        try inDirectory { file in
            try write(1...5000, to: file.path + ".2")
            try write(5001...5010, to: file.path + ".1")
            try write(5011...9000, to: file.path)
            let cursor = LogCursor(file)
            #expect(cursor.past(3).map(\.text) == ["line 8998", "line 8999", "line 9000"])
            #expect(cursor.past(3995).first?.text == "line 5006")
            #expect(cursor.past(4500).first?.text == "line 4501")
            #expect(cursor.past(4500).count == 4500)
            #expect(cursor.past(100_000).count == 9000)
            #expect(cursor.past(0).isEmpty)
        }
    }

    @Test func aFileThatIsNotThereYetIsReadFromItsStart() throws {
        try inDirectory { file in
            var cursor = LogCursor(file)
            #expect(cursor.past(10).isEmpty)
            #expect(cursor.advance().isEmpty)
            try write(1...2, to: file.path)
            #expect(cursor.advance().map(\.text) == ["line 1", "line 2"])
            #expect(cursor.advance().isEmpty)
        }
    }

    @Test func halfALineWaitsForItsOtherHalf() throws {
        try inDirectory { file in
            let first = "2026-11-21T12:00:00.000001Z out one\n2026-11-21T12:00:00.000002Z out tw"
            try Data(first.utf8).write(to: URL(filePath: file.path))
            var cursor = LogCursor(file)
            #expect(cursor.past(5).map(\.text) == ["one"])
            #expect(cursor.advance().isEmpty)
            try Data((first + "o\n").utf8).write(to: URL(filePath: file.path), options: [])
            #expect(cursor.advance().map(\.text) == ["two"])
        }
    }

    @Test func aFileThatWasEmptiedIsReadAnew() throws {
        try inDirectory { file in
            try write(1...100, to: file.path)
            var cursor = LogCursor(file)
            truncate(file.path, 0)
            #expect(cursor.advance().isEmpty)
            try write(101...101, to: file.path)
            #expect(cursor.advance().map(\.text) == ["line 101"])
        }
    }

    @Test func aLinkIsNotFollowed() throws {
        try inDirectory { file in
            symlink("/etc/passwd", file.path)
            #expect(LogCursor(file).past(10).isEmpty)
        }
    }

    @Test func logsOfInstancesAreMergedByTime() {
        func lines(_ instance: Int, _ times: [String]) -> [LogLine] {
            times.map { LogLine("\($0) out \($0)", service: "order", instance: instance) }
        }
        let merged = LogReader.merge([lines(1, ["2026-01Z", "2026-04Z"]), lines(2, ["2026-02Z", "2026-03Z"])])
        #expect(merged.map(\.time) == ["2026-01Z", "2026-02Z", "2026-03Z", "2026-04Z"])
    }

    @Test func whatIsNotOfTheKeepersFormIsAllText() {
        let line = LogLine("no time here", service: "order", instance: 1)
        #expect(line.text == "no time here")
        #expect(line.time == "")
        #expect(LogLine("2026-11-21T12:00:00.000001Z out ", service: "order", instance: 1).text == "")
        #expect(LogLine("2026-11-21T12:00:00.000001Z err a  b", service: "order", instance: 1).text == "a  b")
    }
}
