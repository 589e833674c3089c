internal import CLinux
import Glibc
import Keeper
internal import Synchronization

/// One run of a probe's command: on a thread of its own, in a process group of its own, all of which is ended with it.
final class CommandRun: Sendable {
    private struct State {
        /// While it is ours: from its start until just before it is reaped.
        var pid: pid_t = 0
        var isCancelled = false
    }

    private static let umask: mode_t = 0o022

    private let command: [String]
    private let target: ProbeTarget
    private let state = Mutex(State())

    init(_ command: [String], as target: ProbeTarget) {
        self.command = command
        self.target = target
    }

    /// - Parameter completion: called once, from another thread; nil: it could not be run, for want of processes or memory.
    /// - Returns: false when there is no thread for it; `completion` is not called then.
    func start(timeout: Duration, completion: @escaping @Sendable (ProbeAnswer?) -> Void) -> Bool {
        BlockingThread.start { completion(self.run(timeout: timeout)) }
    }

    /// Kills it, if it still runs.
    func cancel() {
        // Nothing that can take long is done under this lock: starting and reaping may, on a dead file system.
        state.withLock { state in
            state.isCancelled = true
            // It is reaped only after the number was taken back under the same lock.
            if state.pid > 0 { kill(-state.pid, SIGKILL) }
        }
    }

    /// Blocks until the command has ended, or has been ended.
    func run(timeout: Duration) -> ProbeAnswer? {
        guard let name = command.first else { return .failure("the command is empty") }
        let executable: String
        do {
            executable = try ExecutableFinder.find(
                name, path: target.environment["PATH"] ?? "", workingDirectory: target.workingDirectory)
        } catch {
            return .failure(error.message)
        }
        let identity: UserIdentity?
        do {
            identity = geteuid() == 0 ? try UserIdentity.find(user: target.user, group: target.group) : nil
        } catch {
            return .failure(error.message)
        }
        guard !state.withLock(\.isCancelled) else { return nil }
        let spawned = spawn(executable, identity)
        switch spawned.error {
        case 0:
            state.withLock { state in
                state.pid = spawned.pid
                if state.isCancelled { kill(-spawned.pid, SIGKILL) }
            }
        case EAGAIN, ENOMEM, EMFILE, ENFILE, ETXTBSY: return nil
        case let error: return .failure("\(name) cannot be started: \(String(cString: strerror(error)))")
        }
        return end(of: spawned.pid, spawned.pidfd, name, within: timeout)
    }

    private func end(of pid: pid_t, _ pidfd: Int32, _ name: String, within timeout: Duration) -> ProbeAnswer {
        let hasEnded = waitUntilReadable(pidfd, timeout)
        close(pidfd)
        state.withLock { $0.pid = 0 }
        // What it has left behind goes with it; its number is its own until it is reaped.
        kill(-pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        guard hasEnded else { return .failure("\(name) did not end within \(timeout)") }
        let signal = status & 0x7f
        let termination = Termination(signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal))
        return termination.isSuccess ? .success : .failure("it ended with \(termination)")
    }

    private func waitUntilReadable(_ descriptor: Int32, _ timeout: Duration) -> Bool {
        let deadline = ContinuousClock.now + timeout
        while true {
            let rest = ContinuousClock.now.duration(to: deadline)
            guard rest > .zero else { return false }
            let milliseconds = rest.components.seconds * 1000 + rest.components.attoseconds / 1_000_000_000_000_000 + 1
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let count = poll(&entry, 1, Int32(clamping: milliseconds))
            if count > 0 { return true }
            if count < 0 && errno != EINTR { return false }
        }
    }

    /// In a session of its own, with nothing of ours: no signal mask, no descriptors. Its output, which may have secrets of its environment in
    /// it, goes nowhere.
    private func spawn(_ executable: String, _ identity: UserIdentity?) -> (pid: pid_t, pidfd: Int32, error: Int32) {
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard null >= 0 else { return (0, -1, errno) }
        defer { close(null) }
        var arguments = command.map { strdup($0) }
        var variables = target.wholeEnvironment.map { strdup("\($0.key)=\($0.value)") }
        let file = strdup(executable)
        let directory = strdup(target.workingDirectory)
        defer { (arguments + variables + [file, directory]).forEach { free($0) } }
        arguments.append(nil)
        variables.append(nil)
        var started = clinux_started()
        let groups = identity?.groups ?? []
        var person = clinux_identity(user: identity?.user ?? 0, group: identity?.group ?? 0, groups: nil, group_count: groups.count)
        let result = [null, null, null].withUnsafeBufferPointer { descriptors in
            arguments.withUnsafeBufferPointer { arguments in
                variables.withUnsafeBufferPointer { variables in
                    groups.withUnsafeBufferPointer { groups in
                        withUnsafeMutablePointer(to: &person) { person in
                            person.pointee.groups = groups.baseAddress
                            var start = clinux_start()
                            start.executable = UnsafePointer(file)
                            start.arguments = arguments.baseAddress
                            start.environment = variables.baseAddress
                            start.directory = UnsafePointer(directory)
                            // A command that the service's user may change must not run as ours.
                            start.identity = identity == nil ? nil : UnsafePointer(person)
                            start.umask = Self.umask
                            start.descriptors = descriptors.baseAddress
                            start.descriptor_count = descriptors.count
                            start.cgroup = -1
                            return clinux_start_process(&start, &started)
                        }
                    }
                }
            }
        }
        return (started.pid, started.pidfd, -result)
    }
}
