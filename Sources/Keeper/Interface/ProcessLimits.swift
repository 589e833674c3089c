/// What a process and everything it starts may use; nil is no limit of ours.
///
/// `memory`, `cpu` and `processes` hold for the whole containment where the kernel has the controllers of cgroup2 or cgroup1. Where it has
/// none, see `ResourceLimits` for what rlimits can and cannot do instead.
package struct ProcessLimits: Codable, Sendable, Equatable {
    /// Bytes.
    package var memory: Int?
    /// Cores; 0.5 is half of one.
    package var cpu: Double?
    /// Open files of each process.
    package var openFiles: Int?
    package var processes: Int?

    package init(memory: Int? = nil, cpu: Double? = nil, openFiles: Int? = nil, processes: Int? = nil) {
        self.memory = memory
        self.cpu = cpu
        self.openFiles = openFiles
        self.processes = processes
    }
}
