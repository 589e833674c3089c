import Admin
import ArgumentParser
import FoundationEssentials
import Keeper
import Logging
import Supervision
import Topology

/// The policy: topology, broker, probes, restarts, scaling, admin HTTP. The keeper starts it, and starts it again when it dies.
struct SuperviseCommand: AsyncParsableCommand {
    static let name = "supervise"
    /// The keeper's control socket.
    private static let keeperDescriptor: Int32 = 3
    private static let listenInterval = Duration.seconds(2)
    /// By these what only the start needs has been used: without servers of our own, and with them.
    private static let startLengths = [Duration.seconds(2), .seconds(10)]
    private static let releaseInterval = Duration.seconds(600)

    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Decides what runs; the keeper starts it.", shouldDisplay: false)

    @OptionGroup var options: TopologyOptions

    func run() async throws {
        AdminThreads.limit()
        let location = options.location
        let environment = ProcessInfo.processInfo.environment
        let logger = Self.logger(environment)
        do {
            try await supervise(location, environment, logger)
        } catch {
            let failure = SupervisionFailure(error)
            logger.critical("\(failure.message)")
            // For `signalbox up`, which shows it to the person who waits.
            try? Data(failure.message.utf8).write(to: URL(filePath: location.failurePath))
            throw CommandFailure(failure.message, status: failure.status)
        }
    }

    private func supervise(_ location: TopologyLocation, _ environment: [String: String], _ logger: Logger) async throws {
        let keeper = try KeeperClient.connect(descriptor: Self.keeperDescriptor)
        let configuration = SupervisorConfiguration(
            topologyFile: location.file, stateDirectory: location.stateDirectory, executable: Executable.path, environment: environment,
            notifySocket: environment["NOTIFY_SOCKET"])
        let pending = PendingSupervisor()
        let order = StartOrder()
        let (declared, tellDeclared) = AsyncStream<ListenAddress>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let admin = AdminServer(
            configuration: AdminConfiguration(stateDirectory: location.stateDirectory, version: SignalboxVersion.text),
            control: pending, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Before anything else, so that whoever asks is answered while the rest comes up.
            group.addTask {
                try await keepListening(order, logger) { try await admin.runSocket { _ in order.isOpen(.socket) } }
            }
            group.addTask {
                let known = KnownAddress()
                try await keepListening(order, logger) {
                    try await admin.run(declared: { try await known.first(of: declared) }) { _ in order.isOpen(.declaredAddress) }
                }
            }
            group.addTask {
                let supervisor = Supervisor(configuration: configuration, keeper: keeper, logger: logger)
                let topology = try await supervisor.prepare()
                let isSuccessor = await supervisor.hasFoundProcesses
                order.found(processes: isSuccessor)
                pending.replace(by: supervisor)
                tellDeclared.yield(topology.admin.listen)
                if !isSuccessor { try await order.waitUntilAllAreOpen() }
                try await supervisor.run()
            }
            group.addTask { try await releasePages() }
            group.addTask { try await TraceSweeper.run(stateDirectory: location.stateDirectory) }
            // Whichever ends first ends the process: the supervisor when everything has been stopped, either when it cannot go on.
            try await group.next()
            group.cancelAll()
        }
    }

    /// The admin endpoint may have to wait for its address, its socket's folder or its token: what an earlier supervisor started is not to be
    /// stopped for its sake.
    private func keepListening(_ order: StartOrder, _ logger: Logger, _ listen: @Sendable () async throws -> Void) async throws {
        var told: String?
        while true {
            do {
                return try await listen()
            } catch let error as AdminError {
                guard try await order.findsProcesses() else { throw error }
                if told != error.message { logger.error("\(error.message); trying again until it can") }
                told = error.message
                try await Task.sleep(for: Self.listenInterval)
            }
        }
    }

    private func releasePages() async throws {
        for pause in Self.startLengths {
            try await Task.sleep(for: pause)
            ResidentPages.release()
        }
        while true {
            try await Task.sleep(for: Self.releaseInterval)
            ResidentPages.release()
        }
    }

    private static func logger(_ environment: [String: String]) -> Logger {
        var logger = Logger(label: "signalbox") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = environment["SIGNALBOX_LOG_LEVEL"].flatMap { Logger.Level(rawValue: $0.lowercased()) } ?? .info
        return logger
    }
}
