import Admin
import ArgumentParser
import Supervision

struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Makes what runs match the topology file; what is the same is not touched.",
        discussion: """
            The file is checked first; with a mistake in it nothing is changed. Services whose declaration differs are restarted one instance \
            after the other where that is possible. Nothing that the file does not name is deleted from the broker.

            Examples:
              signalbox plan && signalbox apply
              signalbox apply --wait
            """)

    private static let pollInterval = Duration.milliseconds(250)

    @OptionGroup var options: TopologyOptions

    @Flag(name: .long, help: "Wait until everything is ready.")
    var wait = false

    func run() async throws {
        let client = AdminClient(options.location)
        Terminal.lines(try await client.post("/v1/apply", as: ApplyPlan.self).lines(style: Terminal.style))
        guard wait else { return }
        while true {
            let status = try await client.get("/v1/services", as: TopologyStatus.self)
            switch status.state {
            case .ready:
                Terminal.line(StatusTable.headline(status, style: Terminal.style))
                return
            case .failed, .stopping: throw CommandFailure(StatusTable.headline(status, style: .plain))
            case .starting, .degraded: try await Task.sleep(for: Self.pollInterval)
            }
        }
    }
}
