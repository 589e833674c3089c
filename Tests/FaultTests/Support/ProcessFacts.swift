import Foundation
import Glibc
import TestSupport

/// What /proc says of a process.
enum ProcessFacts {
    static var all: [pid_t] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }
    }

    static func text(of process: pid_t, _ file: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "/proc/\(process)/\(file)") ?? Data(), as: UTF8.self)
    }

    static func arguments(of process: pid_t) -> [String] {
        text(of: process, "cmdline").split(separator: "\0").map(String.init)
    }

    /// Ended, reaped or not.
    static func isGone(_ process: pid_t) -> Bool {
        let status = text(of: process, "stat")
        guard let end = status.lastIndex(of: ")") else { return true }
        return status[end...].hasPrefix(") Z") || status[end...].hasPrefix(") X")
    }

    /// Processes of which one word of the command line is this.
    static func marked(_ marker: String) -> [pid_t] {
        all.filter { $0 != getpid() && arguments(of: $0).contains(marker) && !isGone($0) }
    }

    /// The children of `FaultTestHost unruly MARKER`, once they are six.
    static func sleepers(_ marker: String) async throws -> [pid_t] {
        var found: [pid_t] = []
        do {
            try await eventually("six children") {
                found = marked(marker).filter { arguments(of: $0).dropFirst().first == "sleeper" }
                return found.count == 6
            }
        } catch {
            throw TestSupportError("\(error): \(marked(marker).map { "\($0) \(arguments(of: $0))" })")
        }
        return found
    }

    static func openFiles(of process: pid_t) -> Int {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd")) ?? []).count
    }

    static func threads(of process: pid_t) -> Int {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []).count
    }

    /// Bytes that are the process's own: private, whether written to or not, and swapped out.
    static func privateMemory(of process: pid_t) -> Int {
        var kilobytes = 0
        for line in text(of: process, "smaps_rollup").split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            if let name = words.first, ["Private_Dirty:", "Swap:"].contains(name), words.count > 1 { kilobytes += Int(words[1]) ?? 0 }
        }
        return kilobytes << 10
    }

    /// Seconds of processor time.
    static func processorTime(of process: pid_t) -> Double {
        let status = text(of: process, "stat")
        guard let end = status.lastIndex(of: ")") else { return 0 }
        let fields = status[end...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
