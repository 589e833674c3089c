import Foundation

/// A process for good: its number is another's soon after its end on a machine that starts many.
struct ProcessIdentity: Equatable {
    var pid: Int
    /// Ticks after boot.
    var startTime: String

    init?(_ pid: Int) {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8), let end = stat.lastIndex(of: ")") else {
            return nil
        }
        let fields = stat[end...].split(separator: " ")
        guard fields.count > 20, fields[1] != "Z" else { return nil }
        self.pid = pid
        startTime = String(fields[20])
    }

    var isAlive: Bool { ProcessIdentity(pid) == self }
}
