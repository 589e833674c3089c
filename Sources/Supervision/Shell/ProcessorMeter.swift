import Glibc

/// How many cores processes use, each with everything it has started.
///
/// Where a process has a cgroup of its own, that knows; else its own time and its descendants' are added up, which misses those that came
/// and went unseen in between.
struct ProcessorMeter: Sendable {
    private struct Reading: Sendable {
        var pid: Int
        var seconds: Double
        var time: ContinuousClock.Instant
    }

    /// Descendants that are looked at for one process.
    private static let maximumDescendants = 512
    private static let root = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].first { access("\($0)/cgroup.procs", F_OK) == 0 }
    private static let ownGroup = group(of: Int(getpid()))
    private static let ticksPerSecond = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))

    private var readings: [InstanceID: Reading] = [:]

    /// Cores since the measurement before; a process that was not there then is left out.
    mutating func measure(_ processes: [(InstanceID, Int)], at now: ContinuousClock.Instant) -> [InstanceID: Double] {
        var cores: [InstanceID: Double] = [:]
        var latest: [InstanceID: Reading] = [:]
        for (id, pid) in processes {
            guard let seconds = Self.seconds(of: pid) else { continue }
            latest[id] = Reading(pid: pid, seconds: seconds, time: now)
            guard let before = readings[id], before.pid == pid, before.time < now else { continue }
            cores[id] = max(0, seconds - before.seconds) / (before.time.duration(to: now) / .seconds(1))
        }
        readings = latest
        return cores
    }

    private static func seconds(of pid: Int) -> Double? {
        if let root, let group = group(of: pid), group != "/", group != ownGroup, let text = read("\(root)\(group)/cpu.stat") {
            for line in text.split(separator: "\n") where line.hasPrefix("usage_usec ") {
                return Double(line.dropFirst("usage_usec ".count)).map { $0 / 1_000_000 }
            }
        }
        guard let own = time(of: pid) else { return nil }
        return own + descendants(of: pid).reduce(0) { $0 + (time(of: $1) ?? 0) }
    }

    /// Of cgroup2; nil where there is none.
    private static func group(of pid: Int) -> String? {
        read("/proc/\(pid)/cgroup")?.split(separator: "\n").first { $0.hasPrefix("0::") }.map { String($0.dropFirst(3)) }
    }

    private static func descendants(of pid: Int) -> [Int] {
        var found: [Int] = []
        var unseen = [pid]
        while let next = unseen.popLast(), found.count < maximumDescendants {
            let children = (read("/proc/\(next)/task/\(next)/children") ?? "").split(separator: " ").compactMap { Int($0) }
            found += children
            unseen += children
        }
        return found
    }

    /// utime and stime, and those of children that have been waited for: proc(5), fields 14 to 17 of stat.
    private static func time(of pid: Int) -> Double? {
        guard let stat = read("/proc/\(pid)/stat"), let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[end...].split(separator: " ")
        guard fields.count > 15 else { return nil }
        return fields[12...15].reduce(0) { $0 + (Double($1) ?? 0) } / ticksPerSecond
    }

    private static func read(_ path: String) -> String? {
        (try? StateFile.read(path)).flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) }
    }
}
