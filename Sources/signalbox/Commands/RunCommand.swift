import Admin
import ArgumentParser
import Supervision
import Topology

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs one-shot and scheduled services now, and waits until they are done.",
        discussion: """
            One that is at its work already goes on, and is waited for. A scheduled service keeps its schedule.

            Examples:
              signalbox run migrations
              signalbox run report --no-wait

            Exit status: 0 each has done its work (with --no-wait: begun), 1 one has failed.
            """)

    private static let pollInterval = Duration.milliseconds(200)

    @OptionGroup var options: TopologyOptions

    @Flag(name: .long, inversion: .prefixedNo, help: "Wait until the work is done.")
    var wait = true

    @Argument(help: ArgumentHelp("Which services.", valueName: "service"))
    var services: [String]

    func run() async throws {
        let client = AdminClient(options.location)
        try checkLifetimes()
        var failures: [String] = []
        for service in services {
            let last = await client.lastSequence()
            _ = try await client.post("/v1/services/\(service.percentEncoded)/start", as: ServiceStatus.self)
            guard wait else {
                Terminal.line("\(service) has been begun.")
                continue
            }
            let end = try await end(of: service, client, after: last)
            Terminal.line(end.line(style: Terminal.style))
            if end.to == "failed" { failures.append("\(service) has failed: signalbox logs \(service) shows what it said.") }
        }
        guard failures.isEmpty else { throw CommandFailure(failures.joined(separator: "\n")) }
    }

    /// A service that is meant to run on would be waited for without end. Where the file cannot be read, what is asked for is taken as meant.
    private func checkLifetimes() throws {
        guard let topology = try? TopologyFile.quietly(options.location) else { return }
        for service in topology.services where services.contains(service.name) && service.lifetime == .continuous {
            throw CommandFailure(
                "\(service.name) is no one-shot: it runs until it is stopped. signalbox restart \(service.name) restarts it.")
        }
    }

    /// The transition by which the run that is under way, or has been begun, ends.
    private func end(of service: String, _ client: AdminClient, after sequence: Int) async throws -> TransitionRecord {
        let path = "/v1/events?limit=1000&service=\(service.percentEncoded)&after=\(sequence)"
        while true {
            let events = try await client.get(path, as: TransitionList.self).events
            if let end = events.last(where: { ["completed", "failed", "scheduled"].contains($0.to) && $0.instance != nil }) { return end }
            try await Task.sleep(for: Self.pollInterval)
        }
    }
}
