import Glibc
import Keeper
import Logging
import Supervision

// What SupervisionTests runs: a keeper, its supervisor, and a service.

signal(SIGPIPE, SIG_IGN)
let arguments = CommandLine.arguments
let executable = realpath("/proc/self/exe", nil).map { String(cString: $0) } ?? arguments[0]
switch arguments.dropFirst().first {
// TOPOLOGY STATE TEST-PROCESS
case "keeper" where arguments.count == 5:
    exit(
        KeeperMain.run(
            KeeperConfiguration(
                stateDirectory: arguments[3], supervisorCommand: [executable, "supervise"] + arguments[2...4],
                supervisorEnvironment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/"])))
case "supervise" where arguments.count == 5:
    exit(await supervise(topology: arguments[2], state: arguments[3], test: Int32(arguments[4]) ?? 0))
case "serve": exit(HealthService().run())
// ASSIGNMENT…: says each to its NOTIFY_SOCKET, then rests.
case "notify": exit(Notifier(assignments: Array(arguments.dropFirst(2))).run())
case "--version": exit(0)
default: exit(64)
}

func supervise(topology: String, state: String, test: Int32) async -> Int32 {
    // As `LoadCredential=` would have it.
    let own = ["CREDENTIALS_DIRECTORY": "\(state)/../credentials"]
    var logger = Logger(label: "supervisor") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .info
    do {
        let keeper = try KeeperClient.connect(descriptor: 3)
        let supervisor = Supervisor(
            configuration: SupervisorConfiguration(
                topologyFile: topology, stateDirectory: state, executable: executable,
                environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/"].merging(own) { given, _ in given },
                stopWithin: .seconds(10)),
            keeper: keeper, logger: logger)
        _ = try await supervisor.prepare()
        // The tests' commands come by a file: a line each.
        let orders = Task { await OrderBook(folder: state, test: test, supervisor: supervisor).follow() }
        defer { orders.cancel() }
        try await supervisor.run()
        return 0
    } catch let error as SupervisorError {
        logger.critical("\(error)")
        if case .invalidTopology = error.code { return 78 }
        return 1
    } catch {
        logger.critical("\(error)")
        return 1
    }
}
