import Dispatch
import Glibc
import ManagedServers

/// What the three private servers have in common: a folder, a launch, a process that can be killed and started again at the same port.
actor PrivateServer {
    /// RabbitMQ boots in 4 to 12 s on a quiet machine.
    static let startLimit: Duration = .seconds(120)

    nonisolated let folder: String
    private let name: String
    private let launch: ManagedServerLaunch
    private let isReady: @Sendable (_ process: Int32) async -> Bool
    private var process: GuardedProcess?

    init(name: String, folder: String, launch: ManagedServerLaunch, isReady: @escaping @Sendable (_ process: Int32) async -> Bool) {
        self.name = name
        self.folder = folder
        self.launch = launch
        self.isReady = isReady
    }

    /// Runs what blocks, as `initdb` does for seconds, away from the threads that all tests share.
    static func offPool<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result(catching: body)) }
        }
    }

    func start() async throws {
        guard process == nil else { return }
        let process = try GuardedProcess(launch, folder: folder, name: name)
        self.process = process
        try await eventually(within: Self.startLimit, "the start of \(name) (\(process.logFile): \(process.lastOutput))") {
            guard process.isRunning else { throw TestSupportError("\(name) ended while it started: \(process.lastOutput)") }
            guard let id = process.processID else { return false }
            return await isReady(id)
        }
    }

    /// SIGKILL to everything that belongs to the server.
    func kill() async throws {
        try await end(signal: "KILL")
    }

    func stop() async throws {
        try await end(signal: launch.stopSignal)
    }

    var processID: pid_t? { process?.processID }

    private func end(signal: String) async throws {
        guard let process else { return }
        self.process = nil
        try await process.end(signal: signal)
    }
}
