internal import CLinux
import Glibc

/// The processes of this machine at one moment, as /proc shows them.
struct ProcessTable {
    struct Entry {
        var pid: pid_t
        var parent: pid_t
        var group: pid_t
        var session: pid_t
        var isZombie: Bool
        var startTime: UInt64
    }

    let entries: [pid_t: Entry]
    private let children: [pid_t: [Entry]]

    init(entries: [pid_t: Entry]) {
        self.entries = entries
        children = Dictionary(grouping: entries.values, by: \.parent)
    }

    static func now() -> ProcessTable {
        var entries: [pid_t: Entry] = [:]
        for name in Files.names(in: "/proc") {
            guard let pid = pid_t(name), let entry = entry(of: pid) else { continue }
            entries[pid] = entry
        }
        return ProcessTable(entries: entries)
    }

    static func entry(of pid: pid_t) -> Entry? {
        Files.read("/proc/\(pid)/stat", limit: 4096).flatMap { parse(stat: $0) }
    }

    /// - Parameter stat: the content of /proc/PID/stat (proc_pid_stat(5)). The name in it may hold any byte, so fields count from its last
    ///   parenthesis.
    static func parse(stat: [UInt8]) -> Entry? {
        guard let open = stat.firstIndex(of: UInt8(ascii: "(")), let close = stat.lastIndex(of: UInt8(ascii: ")")), open < close else {
            return nil
        }
        let fields = stat[(close + 1)...].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        guard fields.count > 19, let pid = pid_t(String(decoding: stat[..<open], as: UTF8.self).filter { $0 != " " }),
            let parent = pid_t(fields[1]), let group = pid_t(fields[2]), let session = pid_t(fields[3]), let startTime = UInt64(fields[19])
        else { return nil }
        return Entry(
            pid: pid, parent: parent, group: group, session: session, isZombie: fields[0] == "Z" || fields[0] == "X", startTime: startTime)
    }

    /// Those that live and match, and all that descends from them.
    func families(of isMember: (Entry) -> Bool) -> [Entry] {
        var members: [pid_t: Entry] = [:]
        for entry in entries.values where !entry.isZombie && isMember(entry) { members[entry.pid] = entry }
        var unvisited = Array(members.keys)
        while let pid = unvisited.popLast() {
            for child in children[pid] ?? [] where members[child.pid] == nil && !child.isZombie {
                members[child.pid] = child
                unvisited.append(child.pid)
            }
        }
        return Array(members.values)
    }

    func children(of pid: pid_t) -> [pid_t] {
        (children[pid] ?? []).map(\.pid)
    }

    /// The process itself and all above it.
    func ancestors(of pid: pid_t) -> Set<pid_t> {
        var ancestors: Set<pid_t> = []
        var next = pid
        while next > 0, ancestors.insert(next).inserted { next = entries[next]?.parent ?? 0 }
        return ancestors
    }
}

extension ProcessTable.Entry {
    /// Kills this very process, not one that has its pid now.
    func kill() {
        let result = clinux_pidfd_open(pid)
        guard result >= 0 else { return }
        let pidfd = Descriptor(result)
        // The pidfd is that of whoever has the pid now: if its start time is still the same, it is the one.
        guard ProcessTable.entry(of: pid)?.startTime == startTime else { return }
        _ = clinux_pidfd_send_signal(pidfd.number, SIGKILL)
    }
}
