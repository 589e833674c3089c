import Admin
import ArgumentParser
import FoundationEssentials
import Supervision

struct UpgradeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade",
        abstract: "Replaces the supervisor's executable; what runs does not notice.",
        discussion: """
            Put the new signalbox in the place of the old one (with mv or install, not by writing into it) and run this; or name another with \
            --executable. The new one is tried first; then the keeper starts it in the old one's place, it asks the keeper what runs, and goes \
            on. One that does not come up within ten seconds is taken back. No service is stopped or restarted. The keeper itself stays as it \
            is until the next signalbox down and up.

            Examples:
              install -m 755 .build/release/signalbox /usr/local/bin/signalbox && signalbox upgrade
              signalbox upgrade --executable /opt/signalbox-0.3/signalbox

            Exit status: 0 the new one answers, 1 it was refused, or the old one is back.
            """)

    private static let patience = Duration.seconds(25)
    private static let pollInterval = Duration.milliseconds(50)

    @OptionGroup var options: TopologyOptions

    @Option(name: .long, help: ArgumentHelp("The new executable (default: what lies where the old one was).", valueName: "file"))
    var executable: String?

    func run() async throws {
        let client = AdminClient(options.location)
        let path = try executable.map { (path: String) throws(CommandFailure) in try Self.absolute(path) }
        guard let old = await client.identityIfAnswered() else {
            // Says why nobody answers.
            _ = try await client.text("/v1/services")
            throw CommandFailure("The supervisor does not answer. Try again in a moment.")
        }
        let begin = ContinuousClock.now
        do { _ = try await client.post("/v1/upgrade", UpgradeRequest(executable: path), as: AnyAnswer.self) } catch let failure
            as CommandFailure
        {
            // Its end may come before its answer does.
            guard failure.isOfConnection else { throw failure }
        }
        let deadline = begin + Self.patience
        var successor: SupervisorIdentity?
        while .now < deadline {
            if let now = await client.identityIfAnswered(), now.pid != old.pid {
                successor = now
                // One that is taken back is there for a moment, too: what counts knows what runs.
                if await client.statusIfAnswered() != nil { break }
            }
            try await Task.sleep(for: Self.pollInterval)
        }
        guard let successor else {
            throw CommandFailure(
                "The supervisor was not replaced within \(StartupProgress.seconds(Self.patience)); the old one still answers. Its log says why: "
                    + options.location.logDirectory + "/supervisor.log")
        }
        let elapsed = StartupProgress.seconds(begin.duration(to: .now))
        if let path, let pid = successor.pid, let runs = Self.executable(of: pid), runs != Self.resolved(path) {
            throw CommandFailure(
                "The new executable did not come up, and the old one is back after \(elapsed): \(runs). Its log says why: "
                    + options.location.logDirectory + "/supervisor.log")
        }
        let version = successor.version.map { " (version \($0))" } ?? ""
        Terminal.line("The supervisor has been replaced after \(elapsed)\(version); process \(successor.pid ?? 0) supervises what runs.")
    }

    private static func absolute(_ path: String) throws(CommandFailure) -> String {
        let full = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        guard FileManager.default.isExecutableFile(atPath: full) else {
            throw CommandFailure("\(path) is no file that can be executed.")
        }
        return full
    }

    private static func resolved(_ path: String) -> String {
        URL(filePath: path).resolvingSymlinksInPath().path()
    }

    /// - Returns: Nil where it may not be known.
    private static func executable(of pid: Int) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/exe")
    }
}
