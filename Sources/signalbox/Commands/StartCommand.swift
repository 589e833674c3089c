import ArgumentParser

struct StartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Starts services that were stopped or have failed.",
        discussion: """
            A one-shot or scheduled service does its work now; signalbox run waits until it is done.

            Examples:
              signalbox start order
            """)

    @OptionGroup var options: TopologyOptions

    @Argument(help: ArgumentHelp("Which services.", valueName: "service"))
    var services: [String]

    func run() async throws { try await ServiceVerb.run("start", "Starting", on: services, options, waits: false) }
}
