import Admin
import ArgumentParser
import FoundationEssentials
import Supervision

struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Shows what happened to services and instances, and why.",
        discussion: """
            Examples:
              signalbox events
              signalbox events --follow
              signalbox events --service order
              signalbox events --lines 1000 --json
            signalbox why tells the same of one service in sentences.
            """)

    @OptionGroup var options: TopologyOptions

    @Flag(name: .shortAndLong, help: "Go on with what happens from now on, until Ctrl-C.")
    var follow = false

    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("How many of the last ones.", valueName: "count"))
    var lines = 50

    @Option(name: .long, help: ArgumentHelp("Only those of this service, as far back as the audit log goes.", valueName: "service"))
    var service: String?

    @Flag(name: .long, help: "Print JSON, one object a line.")
    var json = false

    func validate() throws {
        guard (1...1000).contains(lines) else { throw ValidationError("--lines \(lines) is not from 1 to 1000.") }
    }

    func run() async throws {
        let client = AdminClient(options.location)
        let only = service.map { "&service=\($0.percentEncoded)" } ?? ""
        var last = await client.lastSequence()
        for event in try await client.get("/v1/events?limit=\(lines)\(only)", as: TransitionList.self).events {
            try show(event)
            last = max(last, event.sequence)
        }
        guard follow else { return }
        try await client.follow({ "/v1/events?follow=true&limit=1000&after=\(last)\(only)" }) { data in
            let event = try JSONDecoder().decode(TransitionRecord.self, from: Data(data.utf8))
            try show(event)
            last = event.sequence
        }
    }

    private func show(_ event: TransitionRecord) throws {
        if json { try Terminal.json(event) } else { Terminal.line(event.line(style: Terminal.style)) }
    }
}
