internal import CLinux
import Glibc

/// Looks for what processes have left behind, from the keeper downwards: as their subreaper it is the parent of every orphan, so all that
/// they start is its child or descends from one. The rest of /proc, however much runs on this machine, is not read.
///
/// Made anew for each look; what has been asked once is not asked again.
final class ProcessSearch {
    /// Main processes that are not reaped.
    let mains: Set<pid_t>
    private let own = getpid()
    private var table: ProcessTable?
    private var knownStrays: [pid_t]?

    init(mains: Set<pid_t>) {
        self.mains = mains
    }

    /// Living children of the keeper that are no main process: orphans. Dead ones are reaped on the way.
    ///
    /// Only the keeper reaps them, so their pids are theirs until then.
    var strays: [pid_t] {
        if let knownStrays { return knownStrays }
        var strays: [pid_t] = []
        for pid in children(of: own) where !mains.contains(pid) {
            var exit = clinux_exit()
            if clinux_wait_pid(pid, true, &exit) == 0 { strays.append(pid) }
        }
        knownStrays = strays
        return strays
    }

    /// To look once more at what has changed since.
    func forget() {
        knownStrays = nil
        table = nil
    }

    /// May be incomplete for a process that is reaping some of them at this moment; the keeper's own are complete.
    func children(of pid: pid_t) -> [pid_t] {
        if let children = Self.listedChildren(of: pid) { return children }
        // A kernel without CONFIG_PROC_CHILDREN.
        if Self.listsChildren { return [] }
        let table = self.table ?? ProcessTable.now()
        self.table = table
        return table.children(of: pid)
    }

    private static let listsChildren = access("/proc/self/task/\(getpid())/children", R_OK) == 0

    private static func listedChildren(of pid: pid_t) -> [pid_t]? {
        guard listsChildren else { return nil }
        let threads = Files.names(in: "/proc/\(pid)/task")
        if threads.isEmpty { return nil }
        var children: [pid_t] = []
        for thread in threads {
            for number in (Files.read("/proc/\(pid)/task/\(thread)/children") ?? []).split(separator: UInt8(ascii: " ")) {
                var child: pid_t = 0
                for digit in number { child = child &* 10 &+ pid_t(digit &- UInt8(ascii: "0")) }
                children.append(child)
            }
        }
        return children
    }
}
