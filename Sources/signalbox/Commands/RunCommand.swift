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

            One that has no instances of its own (instances: 0) is run by one for this.

            Exit status: 0 each has done its work (with --no-wait: begun), 1 one has failed or was stopped.
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
            switch try await end(of: service, client, after: last) {
            case .done(let transition): Terminal.line(transition.line(style: Terminal.style))
            case .failed(let transition):
                Terminal.line(transition.line(style: Terminal.style))
                failures.append("\(service) has failed: signalbox logs \(service) shows what it said.")
            case .stopped(let reason): failures.append("\(service) ended before it was done: \(reason).")
            }
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

    /// How the run that is under way, or has been begun, ends.
    private func end(of service: String, _ client: AdminClient, after sequence: Int) async throws -> RunProgress.End {
        let name = service.percentEncoded
        var progress = RunProgress(after: sequence)
        while true {
            let status = try await client.get("/v1/services/\(name)", as: ServiceStatus.self)
            let path = "/v1/events?limit=1000&service=\(name)&after=\(progress.lastSequence)"
            if let end = progress.look(at: status, try await client.get(path, as: TransitionList.self).events) { return end }
            try await Task.sleep(for: Self.pollInterval)
        }
    }
}
