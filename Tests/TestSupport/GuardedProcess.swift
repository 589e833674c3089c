import Glibc
import ManagedServers

/// A server process under a small shell that outlives us: when this test process ends, however it ends, or this object is gone, the pipe to
/// the shell closes, and the shell kills the server's process group. (PR_SET_PDEATHSIG does not survive the change of user.)
final class GuardedProcess: Sendable {
    private let guardian: pid_t
    /// The only end of its kind: closed by the kernel when we die.
    private let pipe: Int32
    private let processFile: String
    let logFile: String

    private static let script = """
        processes=$1; cd "$2"; shift 2
        setsid -- "$@" 3<&- & server=$!
        echo "$server" > "$processes"
        (while read -r signal <&3; do kill -s "$signal" "$server"; done; kill -s KILL -- "-$server") & watcher=$!
        wait "$server"
        kill "$watcher"
        kill -s KILL -- "-$server"
        """

    /// - Parameter folder: for the process's number and its output.
    init(_ launch: ManagedServerLaunch, folder: String, name: String) throws {
        var command = [launch.executable] + launch.arguments
        if let user = launch.user {
            // Debian's server users have a group of the same name.
            command = ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(user)", "--init-groups", "--"] + command
        }
        processFile = "\(folder)/\(name).pid"
        logFile = "\(folder)/\(name).log"
        unlink(processFile)
        (guardian, pipe) = try GuardianShell.start(
            Self.script, arguments: [processFile, launch.workingDirectory] + command, environment: launch.environment, logFile: logFile)
    }

    deinit {
        close(pipe)
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
