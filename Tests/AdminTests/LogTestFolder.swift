import Foundation
import Supervision
import TestSupport

@testable import Admin

/// A folder of logs that a test writes as the keeper would.
struct LogTestFolder {
    let path: String

    static func with(_ test: (LogTestFolder) async throws -> Void) async throws {
        let path = try temporaryDirectory()
        defer { removeDirectory(path) }
        try await test(LogTestFolder(path: path))
    }

    func log(_ service: String = "order", _ instance: Int = 1) -> LogFile {
        LogFile(service: service, instance: instance, path: "\(path)/\(service).\(instance).log")
    }

    /// `line 7`, seven microseconds after noon.
    static func line(_ number: Int, _ stream: String = "out", _ text: String? = nil) -> String {
        let second = number / 1_000_000
        let micro = String(1_000_000 + number % 1_000_000).dropFirst()
        return "2026-11-21T12:00:\(second < 10 ? "0" : "")\(second).\(micro)Z \(stream) \(text ?? "line \(number)")\n"
    }

    func write(_ numbers: some Sequence<Int>, to log: LogFile, rotated: Int? = nil) throws {
        try write(numbers.map { Self.line($0) }.joined(), to: log, rotated: rotated)
    }

    func write(_ text: String, to log: LogFile, rotated: Int? = nil) throws {
        try Data(text.utf8).write(to: URL(filePath: log.path + (rotated.map { ".\($0)" } ?? "")))
    }

    func append(_ numbers: some Sequence<Int>, to log: LogFile) throws { try append(numbers.map { Self.line($0) }.joined(), to: log) }

    func append(_ text: String, to log: LogFile) throws {
        if !FileManager.default.fileExists(atPath: log.path) { try write("", to: log) }
        let handle = try FileHandle(forWritingTo: URL(filePath: log.path))
        defer { try? handle.close() }
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
    }

    /// As the keeper does it: the last of `keep` files is deleted.
    func rotate(_ log: LogFile, keep: Int = 4) {
        unlink("\(log.path).\(keep)")
        for number in stride(from: keep - 1, through: 1, by: -1) { rename("\(log.path).\(number)", "\(log.path).\(number + 1)") }
        rename(log.path, log.path + ".1")
    }

    func reader(_ logs: [LogFile], _ start: LogReader.Start, _ filter: LogFilter = LogFilter()) async throws -> LogReader {
        try await LogReader(LogListing(time: LogTimestamp.now, logs: logs), from: start, filter)
    }

    /// All that there is, portion by portion.
    func texts(
        _ logs: [LogFile], _ start: LogReader.Start, _ filter: LogFilter = LogFilter(), portion: Int = 1000
    ) async throws -> [String] {
        var reader = try await reader(logs, start, filter)
        return try await reader.rest(portion: portion)
    }
}

extension LogReader {
    /// The texts of all that is left.
    mutating func rest(portion: Int = 1000) async throws -> [String] {
        var texts: [String] = []
        while true {
            let page = try await page(LogPage(maximumLines: portion))
            texts += page.lines.map(\.text)
            if !page.hasMore { return texts }
        }
    }
}
