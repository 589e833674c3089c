import Admin
import ArgumentParser
import Supervision

struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Tells the story of a service: what it is, how it came to be so, and what you can do.",
        discussion: """
            The story is told from the audit log, which has every transition with its cause, what was seen, and who wanted it. Restarts in a row \
            are summed up. signalbox events shows the transitions one by one.

            Examples:
              signalbox why order
              signalbox why order/2              one instance
              signalbox why order --lines 500    further back
              signalbox why order --json
            """)

    @OptionGroup var options: TopologyOptions

    @Option(
        name: [.customShort("n"), .long], help: ArgumentHelp("The most sentences about the past, the newest ones.", valueName: "count"))
    var lines = 30

    @Flag(name: .long, help: "Print JSON, as the admin endpoint answers it.")
    var json = false

    @Argument(help: ArgumentHelp("Which service, or which instance of it.", valueName: "service[/instance]"))
    var service: String

    func validate() throws {
        guard (1...1000).contains(lines) else { throw ValidationError("--lines \(lines) is not from 1 to 1000.") }
    }

    func run() async throws {
        let name = try ServiceName(service)
        let path = "/v1/services/\(name.service.percentEncoded)/why?limit=\(lines)" + (name.instance.map { "&instance=\($0)" } ?? "")
        let client = AdminClient(options.location)
        if json {
            Terminal.write(try await client.text(path))
            return
        }
        let story = try await client.get(path, as: Story.self)
        Terminal.lines(story.lines(style: Terminal.style, width: Terminal.width) { LocalTime.text($0, format: .story) ?? $0 })
    }
}
