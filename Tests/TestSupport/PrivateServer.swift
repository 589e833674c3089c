import Dispatch
import Glibc
import ManagedServers

/// What the three private servers have in common: a folder, a launch, a process that can be killed and started again at the same port.
actor PrivateServer {
    /// RabbitMQ boots in 4 to 12 s on a quiet machine.
    static let startLimit: Duration = .seconds(120)

    static let maximumStarts = 5

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

    /// Starts it, again if need be: a PostgreSQL whose predecessor was killed refuses while one of the old processes is still ending.
    func start() async throws {
        guard process == nil else { return }
        for attempt in 1...Self.maximumStarts {
            let process = try GuardedProcess(launch, folder: folder, name: name)
            if try await becomesReady(process) {
                self.process = process
                return
            }
            guard attempt < Self.maximumStarts else { throw TestSupportError("\(name) ends while it starts: \(process.lastOutput)") }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func becomesReady(_ process: GuardedProcess) async throws -> Bool {
        var isEnded = false
        try await eventually(within: Self.startLimit, "the start of \(name)") {
            isEnded = !process.isRunning
            guard !isEnded, let id = process.processID else { return isEnded }
            return await isReady(id)
        }
        return !isEnded
    }

    /// SIGKILL to everything that belongs to the server.
    func kill() async throws {
        try await end(signal: "KILL")
    }

    func stop() async throws {
        try await end(signal: launch.stopSignal)
    }

    deinit {
        // A process that still runs is killed by its guardian, with the folder gone under it.
        removeDirectory(folder)
    }

    var processID: pid_t? { process?.processID }

    private func end(signal: String) async throws {
        guard let process else { return }
        self.process = nil
        try await process.end(signal: signal)
    }
}
