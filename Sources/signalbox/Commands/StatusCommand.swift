import Admin
import ArgumentParser
import Supervision

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows every service, its state and its instances.",
        discussion: """
            Examples:
              signalbox status
              signalbox status order payment     only these
              signalbox status --json | jq '.services[] | select(.state != "ready")'
            """)

    @OptionGroup var options: TopologyOptions

    @Flag(name: .long, help: "Print JSON, as the admin endpoint answers it.")
    var json = false

    @Argument(help: ArgumentHelp("Only these services.", valueName: "service"))
    var services: [String] = []

    func run() async throws {
        let client = AdminClient(options.location)
        if json, services.isEmpty {
            Terminal.write(try await client.text("/v1/services"))
            return
        }
        if json {
            for service in services { Terminal.write(try await client.text("/v1/services/\(service.percentEncoded)")) }
            return
        }
        var status = try await client.get("/v1/services", as: TopologyStatus.self)
        for service in services where !status.services.contains(where: { $0.name == service }) {
            let names = status.services.map(\.name).joined(separator: ", ")
            throw CommandFailure("There is no service \(service) in \(status.name). There are: \(names)")
        }
        if !services.isEmpty { status.services = status.services.filter { services.contains($0.name) } }
        let style = Terminal.style
        Terminal.lines(
            [StatusTable.headline(status, style: style), ""] + StatusTable.services(status, style: style, width: Terminal.width) + [""]
                + StatusTable.addresses(status, stateDirectory: options.location.stateDirectory, style: style))
    }
}
