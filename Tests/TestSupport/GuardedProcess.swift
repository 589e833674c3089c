import Glibc
import ManagedServers

/// A server process under a small shell that outlives us: when this test process ends, however it ends, the pipe to the shell closes, and
/// the shell kills the server's process group and removes its folder. (PR_SET_PDEATHSIG does not survive the change of user.)
struct GuardedProcess: Sendable {
    private let guardian: pid_t
    /// The only writing end: closed by the kernel when we die.
    private let pipe: Int32
    private let processFile: String
    let logFile: String

    private static let script = """
        folder=$1; processes=$2; cd "$3"; shift 3
        setsid -- "$@" 3<&- & server=$!
        echo "$server" > "$processes"
        if read -r signal <&3; then
            kill -s "$signal" "$server"
            wait "$server"
            kill -s KILL -- "-$server" 2>/dev/null
        else
            kill -s KILL -- "-$server" 2>/dev/null
            wait "$server"
            for attempt in 1 2 3 4 5; do rm -rf "$folder" && break; sleep 0.2; done
        fi
        """

    /// - Parameter folder: removed when this process ends.
    init(_ launch: ManagedServerLaunch, folder: String, name: String) throws {
        var command = [launch.executable] + launch.arguments
        if let user = launch.user {
            guard let entry = getpwnam(user) else { throw TestSupportError("there is no user \(user)") }
            command = ["/usr/bin/setpriv", "--reuid=\(entry.pointee.pw_uid)", "--regid=\(entry.pointee.pw_gid)", "--init-groups", "--"] + command
        }
        processFile = "\(folder)/\(name).pid"
        logFile = "\(folder)/\(name).log"
        unlink(processFile)

        var ends: [Int32] = [-1, -1]
        // A socket pair, because it can be made close-on-exec at once: another guardian must not inherit our end.
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw TestSupportError("socketpair: \(String(cString: strerror(errno)))")
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, logFile, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // A copy to 3 also where the end is 3 already: dup2 to itself clears the close-on-exec flag.
        posix_spawn_file_actions_adddup2(&actions, ends[0], 3)
        // Threads of Swift's run with signals blocked; a shell that inherits that waits for its children for ever.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        // A session of its own, so that Ctrl-C at the test's terminal does not end the guardian before its work.
        let arguments = ["/usr/bin/setsid", "/bin/sh", "-c", Self.script, "signalbox-test-guardian", folder, processFile, launch.workingDirectory] + command
        var argv = arguments.map { strdup($0) } + [nil]
        var environment = launch.environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { (argv + environment).forEach { free($0) } }
        var process = pid_t()
        let result = posix_spawn(&process, arguments[0], &actions, &attributes, &argv, &environment)
        close(ends[0])
        guard result == 0 else {
            close(ends[1])
            throw TestSupportError("cannot start \(launch.executable): \(String(cString: strerror(result)))")
        }
        guardian = process
        pipe = ends[1]
    }

    /// Nil for the moment before the guardian has started it.
    var processID: pid_t? {
        readFile(processFile).flatMap { pid_t($0.filter { $0.isNumber }) }
    }

    var isRunning: Bool {
        guard let processID else { return true }
        guard let status = readFile("/proc/\(processID)/stat"), let end = status.lastIndex(of: ")") else { return false }
        return !status[end...].hasPrefix(") Z")
    }

    /// Sends the signal to the server's main process and returns when it has ended and nothing of its group is left.
    func end(signal: String) async throws {
        let line = Array("\(signal)\n".utf8)
        _ = write(pipe, line, line.count)
        close(pipe)
        try await eventually(within: .seconds(60), "the end of the server") {
            var status: Int32 = 0
            let result = waitpid(guardian, &status, WNOHANG)
            return result == guardian || (result < 0 && errno == ECHILD)
        }
    }

    /// The end of its output, for error messages.
    var lastOutput: String {
        String((readFile(logFile) ?? "").suffix(3000))
    }
}

func readFile(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
        bytes += buffer[..<count]
    }
}
