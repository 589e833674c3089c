import ArgumentParser
import Topology

struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Prints the JSON Schema of topology.yaml, for editors.",
        discussion: """
            Examples:
              signalbox schema > topology.schema.json
            and as the first line of topology.yaml:
              # yaml-language-server: $schema=topology.schema.json
            """)

    func run() async throws { Terminal.line(TopologySchema.json()) }
}
