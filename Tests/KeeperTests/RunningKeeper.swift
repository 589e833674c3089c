import CLinux
import Glibc
import Keeper
import TestSupport

/// A keeper process of its own, whose supervisor hands its control socket over to the test.
final class RunningKeeper: @unchecked Sendable {
    // Written before it is shared, except `pid` and `pidfd`, which only the one test that owns it changes.
    let folder: String
    let state: String
    let usesControlGroups: Bool
    private let listener: Int32
    private let stopTimeout: Int
    private(set) var pid: pid_t = 0
    private var pidfd: Int32 = -1

    static let host: String = {
        let own = String(cString: realpath("/proc/self/exe", nil))
        return own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/KeeperTestHost"
    }()

    init(usesControlGroups: Bool = true, stopTimeout: Int = 60_000, folder: String? = nil) throws {
        self.folder = try folder ?? temporaryDirectory()
        self.usesControlGroups = usesControlGroups
        self.stopTimeout = stopTimeout
        state = self.folder + "/state"
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        let path = self.folder + "/test.sock"
        unlink(path)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        guard result == 0, listen(listener, 16) == 0 else { throw TestSupportError("cannot listen on \(path)") }
    }

    deinit {
        close(listener)
        if pidfd >= 0 { close(pidfd) }
    }

    /// Its standard error is `keeper.err` in the folder.
    func start(supervisorCommand: [String] = []) throws {
        let arguments =
            ["keeper-test-host", "keeper", state, folder + "/test.sock", "\(usesControlGroups)", "\(stopTimeout)"] + supervisorCommand
        let error = open(folder + "/keeper.err", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer {
            close(error)
            close(null)
        }
        var argv = arguments.map { strdup($0) } + [nil]
        var environment = [strdup("PATH=/usr/bin:/bin"), strdup("JOURNAL_SOCKET=\(folder)/journal.sock"), nil]
        defer { (argv + environment).forEach { free($0) } }
        let descriptors = [null, error, error]
        var started = clinux_started()
        let result = Self.host.withCString { host in
            argv.withUnsafeMutableBufferPointer { argv in
                environment.withUnsafeMutableBufferPointer { environment in
                    descriptors.withUnsafeBufferPointer { descriptors in
                        var start = clinux_start()
                        start.executable = host
                        start.arguments = UnsafePointer(argv.baseAddress)
                        start.environment = UnsafePointer(environment.baseAddress)
                        start.umask = 0o022
                        start.descriptors = descriptors.baseAddress
                        start.descriptor_count = descriptors.count
                        start.cgroup = -1
                        return clinux_start_process(&start, &started)
                    }
                }
            }
        }
        guard result == 0 else { throw TestSupportError("cannot start \(Self.host): \(String(cString: strerror(-result)))") }
        if pidfd >= 0 { close(pidfd) }
        pid = started.pid
        pidfd = started.pidfd
    }

    /// The next supervisor that the keeper starts.
    func supervisor() async throws -> RunningSupervisor {
        let control = try await accept()
        let orders = try await accept()
        var hello: [UInt8] = []
        try await eventually("the supervisor's first words") {
            var byte: UInt8 = 0
            while recv(orders, &byte, 1, Int32(MSG_DONTWAIT)) == 1 { hello.append(byte) }
            return hello.last == UInt8(ascii: "\n")
        }
        let pid = pid_t(String(decoding: hello.dropLast(), as: UTF8.self))!
        return RunningSupervisor(pid: pid, control: control, orders: orders)
    }

    /// A keeper that is up, with the client of its first supervisor.
    static func started(usesControlGroups: Bool = true, stopTimeout: Int = 60_000) async throws -> (
        RunningKeeper, RunningSupervisor, KeeperClient
    ) {
        let keeper = try RunningKeeper(usesControlGroups: usesControlGroups, stopTimeout: stopTimeout)
        try keeper.start()
        let supervisor = try await keeper.supervisor()
        return (keeper, supervisor, try supervisor.client())
    }

    func signal(_ signal: Int32) {
        _ = clinux_pidfd_send_signal(pidfd, signal)
    }

    /// How the keeper ended.
    func exit() async throws -> ExitStatus {
        var result = clinux_exit()
        try await eventually("the end of the keeper") { clinux_wait_pidfd(self.pidfd, true, &result) == 1 }
        return result.code == CLD_EXITED ? .exited(result.status) : .signalled(result.status, coreDumped: false)
    }

    /// Ends keeper and supervisor in order and removes the folder.
    func stop(_ supervisor: RunningSupervisor) async throws {
        supervisor.exit(status: 0)
        _ = try await exit()
        remove()
    }

    func remove() {
        _ = try? run("/bin/rm", ["-rf", folder])
    }

    var standardError: String { readText(folder + "/keeper.err") }

    private func accept() async throws -> Int32 {
        var connection: Int32 = -1
        try await eventually("a connection of the supervisor") {
            connection = Glibc.accept(self.listener, nil, nil)
            return connection >= 0
        }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        return connection
    }
}
