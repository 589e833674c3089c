import Admin
import ArgumentParser
import Glibc
import Supervision

struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Stops everything in reverse order, and waits until nothing is left.",
        discussion: """
            Every process is asked to finish what it holds, and killed when its grace is over. While it waits it says for whom. Data stays in \
            the state directory.

            Examples:
              signalbox down
              signalbox down --file /etc/shop/topology.yaml
            """)

    private static let pollInterval = Duration.milliseconds(200)
    /// Between two lines where none can be drawn anew.
    private static let lineInterval = Duration.seconds(2)

    @OptionGroup var options: TopologyOptions

    func run() async throws {
        let location = options.location
        guard KeeperLock.isHeld(location.lockPath) else {
            guard access(location.recordPath, F_OK) != 0 else {
                throw CommandFailure(
                    "The Signalbox of \(location.shownFile) was killed, and what it ran may run still. "
                        + "signalbox up ends that and starts anew; signalbox down then stops it in order.")
            }
            Terminal.line(
                "Nothing to stop: no Signalbox is running for \(location.shownFile) (state directory \(location.stateDirectory)).")
            return
        }
        let client = AdminClient(location)
        _ = try await client.post("/v1/shutdown", as: AnyAnswer.self)
        var area = LiveArea()
        var progress = StopProgress()
        var said = ""
        var next = ContinuousClock.now
        while KeeperLock.isHeld(location.lockPath) {
            if let status = await client.statusIfAnswered(), let line = progress.line(status, at: .now), line != said,
                Terminal.isInteractive || .now >= next
            {
                area.draw(lasting: Terminal.isInteractive ? [] : [line], live: [line])
                said = line
                next = .now + Self.lineInterval
            }
            try await Task.sleep(for: Self.pollInterval)
        }
        area.draw(lasting: ["Everything has been stopped."])
    }
}
