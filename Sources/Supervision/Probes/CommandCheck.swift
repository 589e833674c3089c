import Glibc

/// Runs a probe's command, in a process group of its own, and ends all of it when its time is over.
enum CommandCheck {
    /// How often it is looked whether the command has ended: Swift on Linux has nothing to await a child with.
    static let interval = Duration.milliseconds(10)

    static func run(
        _ command: [String], environment: [String: String], workingDirectory: String, timeout: Duration
    ) async -> ProbeAnswer {
        guard let name = command.first else { return .failure("the command is empty") }
        let executable: String
        do {
            executable = try ExecutableFinder.find(name, path: environment["PATH"] ?? "", workingDirectory: workingDirectory)
        } catch {
            return .failure(error.message)
        }
        let pid: pid_t
        switch start(executable, command, environment, workingDirectory) {
        case .success(let started): pid = started
        case .failure(let error): return .failure("\(name) cannot be started: \(error.reason)")
        }
        let deadline = ContinuousClock.now + timeout
        while ContinuousClock.now < deadline, !Task.isCancelled {
            if let answer = reap(pid, flags: WNOHANG) { return answer }
            try? await Task.sleep(for: interval)
        }
        kill(-pid, SIGKILL)
        // It has been killed: this takes no longer than the kernel does.
        _ = reap(pid, flags: 0)
        return .failure("\(name) did not end within \(timeout)")
    }

    private struct StartError: Error {
        var reason: String
    }

    private static func start(
        _ executable: String, _ command: [String], _ environment: [String: String], _ workingDirectory: String
    ) -> Result<pid_t, StartError> {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        // Swift's threads block signals, and we ignore some: a command that inherits that may wait for its children for ever.
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        posix_spawnattr_setpgroup(&attributes, 0)

        // posix_spawn itself cannot change the folder; a shell that gives way to the command can.
        let words = ["sh", "-c", "cd -- \"$0\" && exec \"$@\"", workingDirectory, executable] + command.dropFirst()
        var arguments = words.map { strdup($0) }
        var variables = environment.map { strdup("\($0.key)=\($0.value)") }
        defer { (arguments + variables).forEach { free($0) } }
        arguments.append(nil)
        variables.append(nil)
        var pid: pid_t = 0
        let status = posix_spawn(&pid, "/bin/sh", &actions, &attributes, arguments, variables)
        return status == 0 ? .success(pid) : .failure(StartError(reason: String(cString: strerror(status))))
    }

    /// Nil: it still runs.
    private static func reap(_ pid: pid_t, flags: Int32) -> ProbeAnswer? {
        var status: Int32 = 0
        var result = waitpid(pid, &status, flags)
        while result < 0 && errno == EINTR { result = waitpid(pid, &status, flags) }
        guard result != 0 else { return nil }
        guard result == pid else { return .failure("its end could not be seen: \(String(cString: strerror(errno)))") }
        let signal = status & 0x7f
        let termination = Termination(signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal))
        return termination.isSuccess ? .success : .failure("it ended with \(termination)")
    }
}
