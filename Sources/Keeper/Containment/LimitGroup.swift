internal import CLinux
import Glibc

/// The cgroups of one process under the controllers of cgroup1, for the limits that cgroup2 does not enforce here.
final class LimitGroup {
    private static let period = 100_000
    private static let minimumCores = 0.01
    private static let maximumCores = 65536.0

    private var paths: [String: String] = [:]
    /// `cgroup.procs` of each, until the process has joined.
    private(set) var joined: [Descriptor] = []

    /// - Parameters:
    ///   - bases: a folder for each controller.
    ///   - name: unique for a start.
    init(bases: [String: String], name: String, limits: ProcessLimits) throws(SystemError) {
        do throws(SystemError) {
            if let memory = limits.memory { try add("memory", bases, name, [("memory.limit_in_bytes", memory)]) }
            if let processes = limits.processes { try add("pids", bases, name, [("pids.max", processes)]) }
            if let cpu = limits.cpu {
                let quota = Int(min(max(cpu, Self.minimumCores), Self.maximumCores) * Double(Self.period))
                try add("cpu", bases, name, [("cpu.cfs_period_us", Self.period), ("cpu.cfs_quota_us", quota)])
            }
        } catch {
            remove()
            throw error
        }
    }

    var outOfMemoryKills: Int {
        paths["memory"].flatMap { ControlGroup.value(of: "oom_kill", in: $0 + "/memory.oom_control") } ?? 0
    }

    func forgetDescriptors() {
        joined = []
    }

    /// To be called when nothing of the process lives.
    func remove() {
        for path in paths.values { ControlGroup.remove(path) }
    }

    private func add(_ controller: String, _ bases: [String: String], _ name: String, _ values: [(String, Int)]) throws(SystemError) {
        guard let base = bases[controller] else { return }
        let path = "\(base)/\(name)"
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .last("mkdir \(path)") }
        paths[controller] = path
        for (file, value) in values { try Files.write("\(value)", to: "\(path)/\(file)") }
        joined.append(try Descriptor(clinux_open(path + "/cgroup.procs", O_WRONLY | O_CLOEXEC, 0), step: "open \(path)/cgroup.procs"))
    }
}
