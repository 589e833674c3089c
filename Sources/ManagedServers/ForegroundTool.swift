import Glibc

/// Runs a short command to its end, blocking the calling thread.
enum ForegroundTool {
    /// The end of a failing tool's output is where the reason is.
    static let outputLimit = 4096

    static func run(
        _ command: [String], environment: [String: String], as user: SystemUser
    ) throws(ManagedServerError) -> (status: Int32, output: String) {
        // The tool's user need not be able to read the folder we happen to be in.
        var arguments = ["/usr/bin/env", "--chdir=/"]
        if user.isSwitched {
            arguments += ["/usr/bin/setpriv", "--reuid=\(user.uid)", "--regid=\(user.gid)", "--init-groups", "--"]
        }
        arguments += command
        // A socket pair, because it can be made close-on-exec at once: a process started by another thread must not hold our end open.
        var pipeEnds: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pipeEnds) == 0 else {
            throw failure(command[0], errno)
        }
        defer { close(pipeEnds[0]) }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, pipeEnds[1], 1)
        posix_spawn_file_actions_adddup2(&actions, pipeEnds[1], 2)

        // Threads of Swift's run with signals blocked, which tools do not expect.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        var process = pid_t()
        let result = withCStrings(arguments) { argv in
            withCStrings(environment.map { "\($0)=\($1)" }) { envp in
                posix_spawn(&process, arguments[0], &actions, &attributes, argv, envp)
            }
        }
        close(pipeEnds[1])
        guard result == 0 else { throw failure(command[0], result) }

        let output = readToEnd(pipeEnds[0])
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        // As a shell has it: 128 + signal.
        return (status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f), output)
    }

    private static func readToEnd(_ descriptor: Int32) -> String {
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return String(decoding: output, as: UTF8.self) }
            output += buffer[..<count]
            output.removeFirst(max(0, output.count - outputLimit))
        }
    }

    private static func withCStrings<R>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R {
        let pointers = strings.map { strdup($0) }
        defer { pointers.forEach { free($0) } }
        return body(pointers + [nil])
    }

    private static func failure(_ tool: String, _ code: Int32) -> ManagedServerError {
        ManagedServerError(.initialization, "cannot run \(tool): \(String(cString: strerror(code)))")
    }
}
