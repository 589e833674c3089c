import Admin
import FoundationEssentials
import Glibc

/// The keeper as a child of `signalbox up`: in a session of its own, so that a terminal's Ctrl-C and hang-up reach `up` alone.
struct KeeperProcess: Sendable {
    enum End: Sendable, Equatable {
        case exited(Int32)
        case signalled(Int32)
    }

    let pid: pid_t
    /// What the keeper itself says; the supervisor and the services have their own logs.
    let logFile: String

    /// POSIX_SPAWN_SETSID, which Swift's Glibc leaves out.
    private static let newSession: Int16 = 0x80

    static func start(_ location: TopologyLocation) throws(CommandFailure) -> KeeperProcess {
        let logFile = location.logDirectory + "/keeper.log"
        do {
            try FileManager.default.createDirectory(
                atPath: location.logDirectory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        } catch {
            throw CommandFailure("cannot make the folder \(location.logDirectory): \(error)", status: CommandFailure.configuration)
        }
        unlink(location.failurePath)
        let arguments = [Executable.path, KeeperCommand.name, "--file", location.file, "--state-dir", location.stateDirectory]
        return KeeperProcess(pid: try spawn(arguments, logFile: logFile), logFile: logFile)
    }

    private static func spawn(_ arguments: [String], logFile: String) throws(CommandFailure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, logFile, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        // Signals that `up` ignores or blocks would stay so in the keeper and in all that it starts.
        var all = sigset_t()
        var none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, newSession | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
        var pid: pid_t = 0
        let argv = arguments.map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        let failure = posix_spawn(&pid, arguments[0], &actions, &attributes, argv, environ)
        guard failure == 0 else {
            throw CommandFailure("cannot start \(arguments[0]) keeper: \(String(cString: strerror(failure)))")
        }
        return pid
    }

    func signal(_ number: Int32) { _ = kill(pid, number) }

    /// - Returns: Nil while it runs.
    func end() -> End? {
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
        let signal = status & 0x7f
        return signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
    }

    /// What a person should read when it did not end well: the supervisor's reason, else the keeper's own last words.
    func lastWords(_ location: TopologyLocation) -> String? {
        for path in [location.failurePath, logFile] {
            guard let data = FileManager.default.contents(atPath: path), !data.isEmpty else { continue }
            let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
            if !lines.isEmpty { return lines.suffix(Self.shownLines).joined(separator: "\n") }
        }
        return nil
    }

    private static let shownLines = 30
}
