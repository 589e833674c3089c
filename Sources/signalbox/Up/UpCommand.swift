import Admin
import ArgumentParser
import FoundationEssentials
import Glibc
import Topology

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Starts everything in topology.yaml and watches it until Ctrl-C.",
        discussion: """
            The file is checked first; with a mistake in it nothing is started. Then the managed servers, the broker's queues and the services \
            come up in the order of their dependencies. Ctrl-C (or TERM, or the end of the terminal) takes everything down in reverse order; \
            a second Ctrl-C kills at once. Where Signalbox runs already, `up` shows that one, and Ctrl-C leaves it running.

            Under systemd (NOTIFY_SOCKET) `up` becomes the keeper itself and logs to the journal; see deploy/signalbox.service.

            Examples:
              signalbox up
              signalbox up --detach && signalbox status
              signalbox up --file /etc/shop/topology.yaml --state-dir /var/lib/shop

            Exit status: 0 stopped in order (with --detach: everything is ready), 1 it did not come up or had to be killed, \
            78 the file or the set-up of this host is wrong.
            """)

    @OptionGroup var options: TopologyOptions

    @Flag(name: [.short, .long], help: "Return when everything is ready, and leave it running.")
    var detach = false

    @Flag(name: .long, help: "Print each transition, and the whole when it is ready, as JSON, one object a line.")
    var json = false

    func run() async throws {
        let location = options.location
        guard location.stateDirectory.utf8.count <= TopologyLocation.maximumStateDirectory else {
            throw CommandFailure(
                "The state directory's path has more than \(TopologyLocation.maximumStateDirectory) bytes, and sockets in it could not be named: "
                    + "\(location.stateDirectory)\nChoose a shorter one with: --state-dir /some/folder",
                status: CommandFailure.configuration)
        }
        let isKept = KeeperLock.isHeld(location.lockPath)
        if !isKept {
            let topology = try TopologyFile.load(location, failingWith: CommandFailure.configuration)
            // What a killed keeper left may listen there; the next keeper ends it first.
            if access(location.recordPath, F_OK) != 0 { try ListenCheck.run(topology) }
        }
        if ProcessInfo.processInfo.environment["NOTIFY_SOCKET"] != nil { try becomeKeeper(location) }
        let signals = StopSignals()
        if isKept {
            Terminal.note(
                "Signalbox runs already for \(location.shownFile) (state directory \(location.stateDirectory)). This shows it; "
                    + "Ctrl-C leaves it running, signalbox down stops it.")
        }
        let keeper = isKept ? nil : try KeeperProcess.start(location)
        var session = UpSession(location: location, keeper: keeper, signals: signals, isDetached: detach, isJSON: json)
        try await session.run()
    }

    /// systemd watches this process: the keeper takes its place, with its pid.
    private func becomeKeeper(_ location: TopologyLocation) throws -> Never {
        let arguments = [Executable.path, KeeperCommand.name, "--file", location.file, "--state-dir", location.stateDirectory]
        let argv = arguments.map { strdup($0) } + [nil]
        // An ignored signal stays ignored over exec.
        signal(SIGPIPE, SIG_DFL)
        execv(arguments[0], argv)
        throw CommandFailure("cannot execute \(arguments[0]): \(String(cString: strerror(errno)))")
    }
}
