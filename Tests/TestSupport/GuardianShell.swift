import Foundation
package import Glibc

/// A shell in a session of its own, whose descriptor 3 reaches its end when this process does.
package enum GuardianShell {
    /// - Returns: its process, and our end of the connection, which nobody else has.
    package static func start(
        _ script: String, arguments: [String], environment: [String: String], logFile: String
    ) throws -> (process: pid_t, pipe: Int32) {
        // A socket pair, because it can be made close-on-exec at once: another guardian must not inherit our end.
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw TestSupportError("socketpair: \(String(cString: strerror(errno)))")
        }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, logFile, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // A copy to 3 also where the end is 3 already: dup2 to itself clears the close-on-exec flag.
        posix_spawn_file_actions_adddup2(&actions, ends[0], 3)

        // SwiftNIO's sockets are not close-on-exec: a server that inherited one would keep its connection open.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
            if let number = Int32(name), number > 2 { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
        }

        // Threads of Swift's run with signals blocked; a shell that inherits that waits for its children for ever.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        // A session of its own, so that Ctrl-C at the test's terminal does not end the guardian before its work.
        let command = ["/usr/bin/setsid", "/bin/sh", "-c", script, "signalbox-test-guardian"] + arguments
        var argv = command.map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var process = pid_t()
        let result = posix_spawn(&process, command[0], &actions, &attributes, &argv, &envp)
        guard result == 0 else {
            close(ends[1])
            throw TestSupportError("cannot start a shell: \(String(cString: strerror(result)))")
        }
        return (process, ends[1])
    }
}
