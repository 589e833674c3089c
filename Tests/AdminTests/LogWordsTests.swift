import Foundation
import Supervision
import TestSupport
import Testing

@testable import Admin

@Suite struct LogWordsTests {
    private func level(_ text: String, isError: Bool = false) -> LogLevel {
        Array(text.utf8).withUnsafeBytes { LogLevel(text: $0, isError: isError) }
    }

    @Test func aTextLinesLevelIsItsStreams() {
        #expect(level("hello") == .info)
        #expect(level("hello", isError: true) == .error)
        #expect(level("") == .info)
    }

    @Test func aJSONLinesLevelIsItsOwnAndAnyCaseWillDo() {
        #expect(level(#"{"level":"error","message":"x"}"#) == .error)
        #expect(level(#"{"message":"x", "level" : "WARN"}"#, isError: true) == .warning)
        #expect(level(#"{"level":50}"#) == .error)
        #expect(level(#"{"level": 30, "msg":"x"}"#) == .info)
        #expect(level(#"{"message":"no level"}"#, isError: true) == .info)
        #expect(level(#"{"level":"unheard of"}"#) == .info)
    }

    @Test func onlyTheObjectsOwnLevelCounts() {
        #expect(level(#"{"inner":{"level":"error"},"level":"debug"}"#) == .debug)
        #expect(level(#"{"list":["level","error"],"text":"\"level\":\"error\"","level":"trace"}"#) == .trace)
        #expect(level(#"{"key":"level","value":"error"}"#) == .info)
    }

    @Test(arguments: [
        "{", #"{""#, #"{"level"#, #"{"level":"#, #"{"level":"err"#, #"{"a\"#, "{}}}}", #"{"level":99999999999999999999}"#, "{\\",
    ])
    func brokenJSONIsRead(text: String) {
        _ = level(text)
    }

    @Test func linesAreTakenApart() {
        func parts(_ line: String, _ test: (LogLineParts) -> Void) { Array(line.utf8).withUnsafeBytes { test(LogLineParts($0)) } }
        parts("2026-11-21T12:00:00.000001Z err a  b") {
            #expect($0.time.text == "2026-11-21T12:00:00.000001Z")
            #expect($0.isError)
            #expect(String(decoding: $0.text, as: UTF8.self) == "a  b")
        }
        parts("2026-11-21T12:00:00.000001Z out ") { #expect($0.text.isEmpty) }
        for other in [
            "", "no time here", "2026-11-21T12:00:00.000001Z xyz text", "2026-11-21 12:00:00.000001Z out text",
            "2026-11-21T12:00:0x.000001Z out text",
        ] {
            parts(other) {
                #expect($0.time == .none)
                #expect(String(decoding: $0.text, as: UTF8.self) == other)
            }
        }
    }

    @Test func timesSortAsTheyAreWritten() throws {
        let texts = [
            "1999-12-31T23:59:59.999999Z", "2026-01-31T00:00:00.000000Z", "2026-02-01T00:00:00.000000Z", "2026-02-01T00:00:59.000001Z",
            "2026-02-01T00:01:00.000000Z", "2026-02-01T23:59:60.000000Z", "2026-02-02T00:00:00.000000Z",
        ]
        let times = try texts.map { try #require(LogTimestamp($0)) }
        #expect(times == times.sorted())
        #expect(times.map(\.text) == texts)
        #expect(LogTimestamp(secondsSince1970: 1_795_262_400.25).text == "2026-11-21T12:00:00.250000Z")
    }

    @Test func timesOfPeopleAreUnderstood() {
        let noon = 1_795_262_400.0  // 2026-11-21T12:00:00Z
        func parse(_ text: String) -> Double? { LogTime.parse(text, now: noon, isLocal: false).map { $0 - noon } }
        #expect(parse("10m") == -600)
        #expect(parse("1h30m") == -5400)
        #expect(parse("2d") == -172_800)
        #expect(parse("90s") == -90)
        #expect(parse("500ms") == -0.5)
        #expect(parse("1.5h") == -5400)
        #expect(parse("2026-11-21T12:00:00Z") == 0)
        #expect(parse("2026-11-21T12:00:00.5Z") == 0.5)
        #expect(parse("2026-11-21T13:00:00+01:00") == 0)
        #expect(parse("2026-11-21T06:30:00-0530") == 0)
        #expect(parse("2026-11-21 12:01") == 60)
        #expect(parse("2026-11-21") == -43_200)
        #expect(parse("11:59") == -60)
        for wrong in [
            "", "soon", "10", "10x", "m", "2026-13-01", "2026-11-21T", "2026-11-21T25:00", "12:61", "2026-11-21T12:00:00+1", "1e400s",
            "-5m", "٣m",
        ] {
            #expect(LogTime.parse(wrong, now: noon, isLocal: false) == nil, "\(wrong)")
        }
    }

    @Test func cursorsAreWordsForURLs() throws {
        let time = try #require(LogTimestamp("2026-11-21T12:00:00.000001Z"))
        let cursor = LogCursor(
            time: time,
            positions: [
                .init(LogFile(service: "order-x_y", instance: 12, path: "")): LogPosition(inode: 123_456_789, offset: 1 << 40, time: time),
                .init(LogFile(service: "a", instance: 1, path: "")): .start,
            ])
        #expect(cursor.word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
        #expect(LogCursor(cursor.word) == cursor)
        for wrong in ["", "x", "MQ", "====", "{}", String(cursor.word.dropLast(3)), String(repeating: "A", count: 70_000), "ü"] {
            #expect(LogCursor(wrong) == nil, "\(wrong)")
        }
    }

    @Test func logsOfFormerInstancesAreFound() async throws {
        try await LogTestFolder.with { folder in
            for name in ["order.1.log", "order.1.log.1", "order.4.log", "pay.ment.2.log", "supervisor.log", "order.x.log", "keeper.log"] {
                try Data().write(to: URL(filePath: "\(folder.path)/\(name)"))
            }
            func names(_ selection: LogSelection) -> [String] {
                LogFolder.listing(declared: [folder.log("order", 1), folder.log("order", 2)], folder: folder.path, selection).logs
                    .map { "\($0.service)/\($0.instance)" }
            }
            #expect(names(LogSelection()) == ["order/1", "order/2", "order/4", "pay.ment/2"])
            #expect(names(LogSelection(instance: 2)) == ["order/2", "pay.ment/2"])
            #expect(try names(#require(LogSelection(list: "order/4,pay.ment", instance: nil))) == ["order/4", "pay.ment/2"])
            for wrong in ["", ",", "order,", "order/0", "order/x", "/1", "a/1/2"] {
                #expect(LogSelection(list: wrong, instance: nil) == nil, "\(wrong)")
            }
        }
    }
}
