import Admin
import ArgumentParser
import Supervision

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Shows what `signalbox apply` would do to each service, and why.",
        discussion: """
            Compares the topology file with what runs: services, and exchanges, queues, bindings, policies, users and permissions on the broker. \
            Nothing is changed.

            in place   changed without touching its processes
            rolling    its instances are replaced one after the other, the new one being ready before the old one ends
            recreate   all of it is stopped, then started
            start, stop, nothing

            Examples:
              signalbox plan
              signalbox plan --json
              signalbox plan --prune      with what apply --prune would delete
            """)

    @OptionGroup var options: TopologyOptions

    @Flag(name: .long, help: "Print JSON, as the admin endpoint answers it.")
    var json = false

    @Flag(name: .long, help: "As if what lies in the broker and is not in the file were to be deleted.")
    var prune = false

    func run() async throws {
        let client = AdminClient(options.location)
        let path = prune ? "/v1/plan?prune=true" : "/v1/plan"
        if json {
            Terminal.write(try await client.text(path))
        } else {
            Terminal.lines(try await client.get(path, as: ApplyPlan.self).lines(style: Terminal.style, width: Terminal.width))
        }
    }
}
