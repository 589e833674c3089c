import ArgumentParser

struct StopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stops services until they are started again.",
        discussion: """
            Each instance finishes what it holds. Other services go on. To stop everything: signalbox down

            It returns when they have ended, and says on a terminal whom it waits for.

            Examples:
              signalbox stop analytics

            Exit status: 0 stopped, 1 not within its grace and a while.
            """)

    @OptionGroup var options: TopologyOptions

    @Argument(help: ArgumentHelp("Which services.", valueName: "service"))
    var services: [String]

    func run() async throws { try await ServiceVerb.run("stop", "Stopping", on: services, options) }
}
