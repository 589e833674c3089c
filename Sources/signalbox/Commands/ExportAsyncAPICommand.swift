import Admin
import ArgumentParser
import FoundationEssentials
import Supervision
import Topology

struct ExportAsyncAPICommand: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case yaml, json }

    static let configuration = CommandConfiguration(
        commandName: "asyncapi",
        abstract: "Writes an AsyncAPI 3.0 document: who sends and receives which events, and what is in them.",
        discussion: """
            Channels, operations and AMQP bindings come from the topology, the JSON Schemas of payloads from the recorded contracts \
            (docs/contracts.md). Nothing has to run.

            Examples:
              signalbox export asyncapi > asyncapi.yaml
              signalbox export asyncapi --output asyncapi.json

            Exit status: 0 written, 1 the topology or a record has mistakes or the file cannot be written, 78 there is no topology file.
            """)

    @OptionGroup var options: TopologyOptions

    @Option(name: .long, help: ArgumentHelp("Write to this file (default: standard output).", valueName: "file"))
    var output: String?

    @Option(name: .long, help: "yaml or json (default: json where the output's name ends with .json, else yaml).")
    var format: Format?

    @Option(name: .long, help: "The version of the document itself.")
    var apiVersion = "1.0.0"

    func run() async throws {
        let location = options.location
        let topology = try TopologyFile.load(location, failingWith: CommandFailure.failed)
        var contracts = ContractCatalogue()
        if case .files(let files) = ContractFiles.reader(beside: location.shownFile)(topology.contracts ?? Topology.defaultContracts) {
            contracts = try ContractCatalogue(files)
        }
        let document = AsyncAPIDocument(topology, contracts: contracts, version: apiVersion)
        let format = format ?? (output?.hasSuffix(".json") == true ? .json : .yaml)
        let text = format == .json ? document.json() : document.yaml()
        guard let output else { return Terminal.write(text) }
        do { try Data(text.utf8).write(to: URL(filePath: output), options: .atomic) } catch {
            throw CommandFailure("\(output) cannot be written. Is its folder there, and yours to write?")
        }
    }
}
