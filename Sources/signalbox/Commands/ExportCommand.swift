import ArgumentParser

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes the topology in another form.",
        discussion: """
            Examples:
              signalbox export asyncapi > asyncapi.yaml
            """,
        subcommands: [ExportAsyncAPICommand.self])
}
