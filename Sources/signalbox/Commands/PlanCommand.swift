import Admin
import ArgumentParser
import Supervision

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Shows what `signalbox apply` would do to each service, and why.",
        discussion: """
            Compares the topology file with what runs: services, and exchanges, queues, bindings and policies on the broker. Nothing is changed.

            in place   changed without touching its processes
            rolling    its instances are replaced one after the other, the new one being ready before the old one ends
            recreate   all of it is stopped, then started
            start, stop, nothing

            Examples:
              signalbox plan
              signalbox plan --json
            """)

    @OptionGroup var options: TopologyOptions

    @Flag(name: .long, help: "Print JSON, as the admin endpoint answers it.")
    var json = false

    func run() async throws {
        let client = AdminClient(options.location)
        if json {
            Terminal.write(try await client.text("/v1/plan"))
        } else {
            Terminal.lines(try await client.get("/v1/plan", as: ApplyPlan.self).lines(style: Terminal.style, width: Terminal.width))
        }
    }
}
