import Glibc
import Keeper
import TestSupport

/// A process of /bin/sh.
func shell(_ id: String, _ script: String, in keeper: RunningKeeper, change: (inout ProcessSpecification) -> Void = { _ in })
    -> ProcessSpecification
{
    var specification = ProcessSpecification(
        id: id, executable: "/bin/sh", arguments: ["sh", "-c", script], environment: ["PATH": "/usr/bin:/bin"],
        workingDirectory: keeper.folder,
        logFile: logPath(id, keeper))
    change(&specification)
    return specification
}

func host(_ id: String, _ arguments: [String], in keeper: RunningKeeper, change: (inout ProcessSpecification) -> Void = { _ in })
    -> ProcessSpecification
{
    var specification = ProcessSpecification(
        id: id, executable: RunningKeeper.host, arguments: ["keeper-test-host"] + arguments, environment: ["PATH": "/usr/bin:/bin"],
        logFile: logPath(id, keeper))
    change(&specification)
    return specification
}

func logPath(_ id: String, _ keeper: RunningKeeper) -> String {
    keeper.state + "/logs/" + id.replacing("/", with: ".") + ".log"
}

/// The lines of a log without their times: "out hello".
func logLines(_ id: String, _ keeper: RunningKeeper) -> [String] {
    readText(logPath(id, keeper)).split(separator: "\n").map { String($0.drop { $0 != " " }.dropFirst()) }
}

func readText(_ path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while case let count = read(descriptor, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self)
}

/// The first event that fits; those before it are left out.
func next<Result>(_ events: AsyncStream<KeeperEvent>, _ match: (KeeperEvent) -> Result?) async -> Result? {
    for await event in events {
        if let result = match(event) { return result }
    }
    return nil
}

func exitStatus(of id: String, _ events: AsyncStream<KeeperEvent>) async -> ExitStatus? {
    await next(events) { if case .exited(id, let status, _) = $0 { status } else { nil } }
}

/// A live process, no zombie.
func isAlive(_ pid: pid_t) -> Bool {
    let stat = readText("/proc/\(pid)/stat")
    guard let close = stat.lastIndex(of: ")") else { return false }
    return !stat[close...].hasPrefix(") Z") && !stat[close...].hasPrefix(") X")
}

/// The numbers that processes have written into a file, one a line.
func pids(in file: String) -> [pid_t] {
    readText(file).split(separator: "\n").compactMap { pid_t($0) }
}

/// Of those that have written themselves into this file. A pid may be somebody else's by now, so the file is looked for in the process's
/// environment and command line.
func survivors(in file: String) -> [pid_t] {
    pids(in: file).filter { pid in
        isAlive(pid) && (readText("/proc/\(pid)/environ").contains(file) || readText("/proc/\(pid)/cmdline").contains(file))
    }
}

func openFiles(of pid: pid_t) -> Int {
    guard let directory = opendir("/proc/\(pid)/fd") else { return -1 }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    return count
}

@discardableResult
func run(_ executable: String, _ arguments: [String]) throws -> Int32 {
    var argv = ([executable] + arguments).map { strdup($0) } + [nil]
    defer { argv.forEach { free($0) } }
    var pid = pid_t()
    guard posix_spawn(&pid, executable, nil, nil, &argv, environ) == 0 else { throw TestSupportError("cannot start \(executable)") }
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    return status
}

/// nil when nothing was thrown.
func errorCode(_ body: () async throws(KeeperError) -> Void) async -> KeeperError.Code? {
    do throws(KeeperError) {
        try await body()
        return nil
    } catch {
        return error.code
    }
}

func threadCount(of pid: pid_t) -> Int {
    guard let directory = opendir("/proc/\(pid)/task") else { return -1 }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    return count
}

func residentKilobytes(of pid: pid_t) -> Int {
    let line = readText("/proc/\(pid)/status").split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? -1
}

/// A process that sleeps under this very pid; nil where the kernel does not do us the favour.
func startWithPid(_ wanted: pid_t) throws -> pid_t? {
    for _ in 0..<20 {
        let file = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        let text = String(wanted - 1)
        let written = write(file, text, text.utf8.count)
        close(file)
        guard written == text.utf8.count else { return nil }
        let words: [String] = ["sleep", "300"]
        var argv = words.map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        var pid = pid_t()
        guard posix_spawn(&pid, "/bin/sleep", nil, nil, &argv, environ) == 0 else { throw TestSupportError("cannot start sleep") }
        if pid == wanted { return pid }
        end(pid)
    }
    return nil
}

/// Of a child of the test's own.
func end(_ pid: pid_t) {
    kill(pid, SIGKILL)
    waitpid(pid, nil, 0)
}
