import FoundationEssentials
import Glibc

/// What a process uses, from /proc (proc(5)).
struct ProcessUsage: Sendable {
    var cpuSeconds: Double
    var residentBytes: Int

    /// - Returns: Nil when there is no such process any more.
    init?(pid: Int) {
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
        self.init(
            stat: String(decoding: data, as: UTF8.self), ticksPerSecond: sysconf(Int32(_SC_CLK_TCK)), pageSize: sysconf(Int32(_SC_PAGESIZE))
        )
    }

    init?(stat: String, ticksPerSecond: Int, pageSize: Int) {
        // The command's name stands in parentheses and may hold anything; the fields after it are numbered from 3.
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]), let pages = Int(fields[21]) else {
            return nil
        }
        cpuSeconds = (user + system) / Double(ticksPerSecond)
        residentBytes = pages * pageSize
    }
}
