internal import CLinux
import Glibc

/// The rlimits of a process: the number of open files always, the others in place of cgroup controllers that are not there.
///
/// What rlimits cannot do: they hold for each process of a containment by itself; `memory` counts what is reserved instead of what is
/// used, so it
/// gets an allowance and stops only what runs away; `processes` counts all of the user's processes, so it is used only for a user other
/// than
/// the keeper's own; there is none for `cpu`.
struct ResourceLimits {
    /// Stacks and arenas that a process reserves and hardly touches: eight threads alone reserve 64 MiB.
    static let reservationAllowance = 4

    /// Open files as they were before the keeper took all it may have for itself.
    let inheritedOpenFiles: rlimit
    private let givesTags: Bool

    /// Raises the keeper's own number of open files to what it may have: it holds four descriptors a process.
    static func raisingOwn() -> ResourceLimits {
        var inherited = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &inherited)
        var raised = inherited
        raised.rlim_cur = inherited.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised)
        return ResourceLimits(inheritedOpenFiles: inherited, givesTags: RunTag.isAvailable)
    }

    func limits(for limits: ProcessLimits, controllers: Set<String>, isOwnUser: Bool, tag: RunTag) -> [clinux_limit] {
        var result: [clinux_limit] = []
        func add(_ resource: Int32, _ soft: UInt64, _ hard: UInt64) {
            result.append(clinux_limit(resource: resource, soft: soft, hard: hard))
        }
        if let openFiles = limits.openFiles {
            add(CLINUX_LIMIT_OPEN_FILES, UInt64(clamping: openFiles), UInt64(clamping: openFiles))
        } else {
            add(CLINUX_LIMIT_OPEN_FILES, UInt64(inheritedOpenFiles.rlim_cur), UInt64(inheritedOpenFiles.rlim_max))
        }
        if givesTags { add(CLINUX_LIMIT_REAL_TIME, tag.value, tag.value) }
        if let memory = limits.memory, !controllers.contains("memory") {
            let bytes = UInt64(clamping: memory).multipliedReportingOverflow(by: UInt64(Self.reservationAllowance))
            if !bytes.overflow { add(CLINUX_LIMIT_DATA, bytes.partialValue, bytes.partialValue) }
        }
        if let processes = limits.processes, !controllers.contains("pids"), !isOwnUser {
            add(CLINUX_LIMIT_PROCESSES, UInt64(clamping: processes), UInt64(clamping: processes))
        }
        return result
    }
}
