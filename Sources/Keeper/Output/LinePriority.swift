internal import CLinux
import Glibc

/// The syslog priority of a line: by the `"level"` of a JSON line, else by its stream.
enum LinePriority {
    static let error: UInt8 = 3
    static let warning: UInt8 = 4
    static let notice: UInt8 = 5
    static let info: UInt8 = 6
    static let debug: UInt8 = 7
    private static let critical: UInt8 = 2

    /// A level stands near the beginning of a line; a long one is not searched to its end.
    private static let searchedBytes = 4 << 10
    private static let key = Array("\"level\"".utf8)

    /// - Returns: 0 (emergency) to 7 (debug), as in syslog(3).
    static func of(_ line: UnsafeRawBufferPointer, tag: StreamTag) -> UInt8 {
        guard line.first == UInt8(ascii: "{"), line.last == UInt8(ascii: "}") else { return tag == .err ? error : info }
        return level(in: line) ?? info
    }

    private static func level(in line: UnsafeRawBufferPointer) -> UInt8? {
        let found = clinux_find(line.baseAddress, min(line.count, searchedBytes), key, key.count)
        guard found >= 0 else { return nil }
        let after = line[(found + key.count)...].prefix(64)
        let value = after.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: ":") }
        guard let first = value.first else { return nil }
        if first == UInt8(ascii: "\"") { return named(String(decoding: value.dropFirst().prefix { $0 != first }, as: UTF8.self)) }
        return Int(String(decoding: value.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }, as: UTF8.self)).map(numbered)
    }

    private static func named(_ name: String) -> UInt8? {
        switch name.lowercased() {
        case "trace", "debug", "verbose": debug
        case "info", "information", "informational": info
        case "notice": notice
        case "warn", "warning": warning
        case "error", "err", "severe": error
        case "critical", "crit", "fatal", "panic", "alert", "emergency", "emerg": critical
        default: nil
        }
    }

    /// As bunyan and pino count: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal.
    private static func numbered(_ level: Int) -> UInt8 {
        switch level {
        case ..<30: debug
        case ..<40: info
        case ..<50: warning
        case ..<60: error
        default: critical
        }
    }
}
