import Admin
import ArgumentParser
import Supervision

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows every service, its state and its instances.",
        discussion: """
            REASON says what keeps a service from being ready, when a scheduled one runs next, and that an update is under way or was rolled \
            back. signalbox why tells the whole story of one.

            Examples:
              signalbox status
              signalbox status order payment     only these
              signalbox status --watch           drawn anew each second
              signalbox status --json | jq '.services[] | select(.state != "ready")'
            """)

    @OptionGroup var options: TopologyOptions

    @Flag(name: .long, help: "Print JSON, as the admin endpoint answers it.")
    var json = false

    @Argument(help: ArgumentHelp("Only these services.", valueName: "service"))
    var services: [String] = []

    @Flag(name: .shortAndLong, help: "Show it again and again, until Ctrl-C.")
    var watch = false

    private static let watchInterval = Duration.seconds(1)

    func validate() throws {
        if watch, json { throw ValidationError("--watch draws on a terminal; with --json use signalbox events --follow --json.") }
    }

    func run() async throws {
        let client = AdminClient(options.location)
        if json {
            let paths = services.isEmpty ? ["/v1/services"] : services.map { "/v1/services/\($0.percentEncoded)" }
            for path in paths { Terminal.write(try await client.text(path)) }
            return
        }
        guard watch, Terminal.isInteractive else { return Terminal.lines(try await lines(client)) }
        var area = LiveArea()
        while true {
            do { area.draw(live: try await lines(client)) } catch let failure as CommandFailure {
                guard KeeperLock.isHeld(options.location.lockPath) else { throw failure }
                area.draw(live: [Terminal.style.paint("The supervisor does not answer; asking again.", .yellow)])
            }
            try await Task.sleep(for: Self.watchInterval)
        }
    }

    private func lines(_ client: AdminClient) async throws -> [String] {
        var status = try await client.get("/v1/services", as: TopologyStatus.self)
        for service in services where !status.services.contains(where: { $0.name == service }) {
            let names = status.services.map(\.name).joined(separator: ", ")
            throw CommandFailure("There is no service \(service) in \(status.name). There are: \(names)")
        }
        if !services.isEmpty { status.services = status.services.filter { services.contains($0.name) } }
        let style = Terminal.style
        let broker = services.isEmpty ? StatusTable.broker(status, style: style) : []
        return [StatusTable.headline(status, style: style), ""] + StatusTable.services(status, style: style, width: Terminal.width) + [""]
            + (broker.isEmpty ? [] : broker + [""])
            + StatusTable.addresses(status, stateDirectory: options.location.stateDirectory, style: style)
    }
}
