import ArgumentParser

struct RestartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Restarts services, one instance after the other.",
        discussion: """
            The managed servers are services here too: broker, database, cache. It returns when all instances have been replaced.

            Examples:
              signalbox restart order
              signalbox restart broker

            Exit status: 0 restarted, 1 one has failed or is not done in its time.
            """)

    @OptionGroup var options: TopologyOptions

    @Argument(help: ArgumentHelp("Which services.", valueName: "service"))
    var services: [String]

    func run() async throws { try await ServiceVerb.run("restart", "Restarting", on: services, options) }
}
