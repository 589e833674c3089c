import Admin
import ArgumentParser
import Topology

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks the topology file and shows every mistake in it.",
        discussion: """
            Nothing is started or changed, and nothing has to run. Each mistake is one line: file:line:column: error: what to do.
            Exit status: 0 the file is right, 1 it is not, 78 there is no such file.

            Examples:
              signalbox check
              signalbox check --file shop.yaml
            """)

    @OptionGroup var options: TopologyOptions

    func run() async throws {
        let location = options.location
        let topology = try TopologyFile.load(location, failingWith: CommandFailure.failed)
        let counts = [
            Self.count(topology.services.count, "service"), Self.count(topology.exchanges.count, "exchange"),
            Self.count(topology.queues.count, "queue"), Self.count(topology.routes.count, "route"),
        ]
        Terminal.line("\(location.shownFile) is right: \(topology.name) with \(counts.joined(separator: ", ")).")
    }

    private static func count(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
