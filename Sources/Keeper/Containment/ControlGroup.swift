internal import CLinux
import Glibc

/// One process's own cgroup. Nothing leaves it but by a privileged write, and `cgroup.kill` ends all of it at once.
final class ControlGroup: Containment {
    /// A contained process may make cgroups of its own below; they are removed to this depth.
    private static let maximumDepth = 8
    private static let maximumCores = 65536.0

    let path: String
    /// Until the process is born.
    private(set) var directory: Descriptor?
    private var main: pid_t = 0

    init(path: String) throws(SystemError) {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .last("mkdir \(path)") }
        self.path = path
        directory = try Descriptor(clinux_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0), step: "open \(path)")
    }

    /// - Parameter controllers: those in force; limits of others are left out.
    func apply(_ limits: ProcessLimits, controllers: Set<String>) throws(SystemError) {
        if let memory = limits.memory, controllers.contains("memory") { try Files.write("\(memory)", to: path + "/memory.max") }
        if let processes = limits.processes, controllers.contains("pids") { try Files.write("\(processes)", to: path + "/pids.max") }
        if let cpu = limits.cpu, controllers.contains("cpu") {
            // In microseconds; the kernel refuses a quota below 1 ms.
            let period = 100_000
            let quota = Int(min(max(cpu, 0.01), Self.maximumCores) * Double(period))
            try Files.write("\(quota) \(period)", to: path + "/cpu.max")
        }
    }

    var outOfMemoryKills: Int {
        Self.value(of: "oom_kill", in: path + "/memory.events") ?? 0
    }

    func begin(with main: pid_t) {
        self.main = main
        directory = nil
    }

    func kill(_ search: ProcessSearch) {
        Self.kill(path)
    }

    func isEmpty(_ search: ProcessSearch) -> Bool {
        Self.isEmpty(path)
    }

    func contains(_ pid: pid_t) -> Bool? {
        if pid == main { return true }
        guard let text = Files.readText("/proc/\(pid)/cgroup") else { return nil }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return text.split(separator: "\n").contains { $0.hasPrefix("0::") && $0.split(separator: "/").contains { $0 == name } }
    }

    func remove() {
        Self.remove(path)
    }

    static func kill(_ path: String) {
        try? Files.write("1", to: path + "/cgroup.kill")
    }

    /// True as well when there is no such cgroup.
    static func isEmpty(_ path: String) -> Bool {
        value(of: "populated", in: path + "/cgroup.events").map { $0 == 0 } ?? true
    }

    static func remove(_ path: String, depth: Int = maximumDepth) {
        guard rmdir(path) != 0, errno != ENOENT, depth > 0 else { return }
        for name in Files.names(in: path) where Files.isDirectory(path + "/" + name) { remove(path + "/" + name, depth: depth - 1) }
        rmdir(path)
    }

    /// Of a file with lines of "name value".
    static func value(of name: String, in file: String) -> Int? {
        guard let text = Files.readText(file) else { return nil }
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == name { return Int(words[1]) }
        }
        return nil
    }
}
