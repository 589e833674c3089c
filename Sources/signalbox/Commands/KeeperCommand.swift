import Admin
import ArgumentParser
import FoundationEssentials
import Glibc
import Keeper

/// The process that starts all others and holds on to them. `signalbox up` starts it.
struct KeeperCommand: ParsableCommand {
    static let name = "keeper"

    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Holds the processes of a topology; `signalbox up` starts it.", shouldDisplay: false)

    @OptionGroup var options: TopologyOptions

    /// - Returns: the status to exit with.
    static func main(_ arguments: [String]) -> Int32 {
        // `up` becomes the keeper from a thread of a pool, where all signals are blocked, and exec keeps that.
        var none = sigset_t()
        sigemptyset(&none)
        sigprocmask(SIG_SETMASK, &none, nil)
        do {
            let configuration = try parse(arguments).keeperConfiguration()
            ResidentPages.release()
            return KeeperMain.run(configuration)
        } catch {
            exit(withError: error)
        }
    }

    func run() throws {
        throw ExitCode(KeeperMain.run(keeperConfiguration()))
    }

    /// Swift's whole backtrace takes ten seconds and more to write, in which the crashed supervisor cannot be replaced.
    private static let quickBacktrace = "threads=crashed,images=none,registers=none"

    /// Longer than the supervisor takes to kill what does not end (`SupervisorConfiguration.stopWithin`), shorter than systemd waits.
    private static let stopTimeout = Duration.seconds(105)

    /// glibc gives each thread up to eight times the processors' number of arenas, of which each keeps what it once had.
    private static let arenas = "2"

    private func keeperConfiguration() -> KeeperConfiguration {
        let location = options.location
        let environment = ProcessInfo.processInfo.environment
        return KeeperConfiguration(
            stateDirectory: location.stateDirectory,
            supervisorCommand: [Executable.path, SuperviseCommand.name, "--file", location.file, "--state-dir", location.stateDirectory],
            supervisorEnvironment: environment.merging(["SWIFT_BACKTRACE": Self.quickBacktrace, "MALLOC_ARENA_MAX": Self.arenas]) {
                own, _ in
                own
            },
            // systemd's journal is where its administrator looks.
            copiesSupervisorOutput: environment["NOTIFY_SOCKET"] != nil, stopTimeout: Self.stopTimeout)
    }
}
