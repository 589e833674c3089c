import Glibc
import TestSupport

/// Processes that go on forking: each starts its successor in a session of its own and exits, until all are killed at a time.
struct ForkBomb {
    private let path: String
    private let stop: String

    init(in folder: String) throws {
        path = folder + "/bomb"
        stop = folder + "/stop"
        let script = "#!/bin/sh\n[ -e '\(stop)' ] && exit\nsleep 0.5\nsetsid -f '\(path)'\n"
        let file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o755)
        guard write(file, script, script.utf8.count) == script.utf8.count else { throw TestSupportError("cannot write \(path)") }
        close(file)
    }

    /// For a shell.
    func script(count: Int) -> String {
        "for i in $(seq \(count)); do setsid -f '\(path)'; done; exec sleep 300"
    }

    /// Whatever happens in the test, it ends.
    func defuse() {
        close(open(stop, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600))
    }

    /// Its processes, found by their command line.
    func living() -> [pid_t] {
        guard let directory = opendir("/proc") else { return [] }
        defer { closedir(directory) }
        var found: [pid_t] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            guard let pid = pid_t(name), readText("/proc/\(pid)/cmdline").split(separator: "\0").contains(where: { $0 == path }) else {
                continue
            }
            if isAlive(pid) { found.append(pid) }
        }
        return found
    }
}
