import Admin
import ArgumentParser
import FoundationEssentials
import Supervision

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Shows what services print.",
        discussion: """
            Examples:
              signalbox logs                     the last lines of everything
              signalbox logs order --lines 500
              signalbox logs --follow order payment
            """)

    @OptionGroup var options: TopologyOptions

    @Flag(name: .shortAndLong, help: "Go on with the lines to come, until Ctrl-C.")
    var follow = false

    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("How many of the last lines of each service.", valueName: "count"))
    var lines = 100

    @Flag(name: .long, help: "Print JSON, one object a line.")
    var json = false

    @Argument(help: ArgumentHelp("Which services (default: all).", valueName: "service"))
    var services: [String] = []

    func validate() throws {
        guard (0...10_000).contains(lines) else { throw ValidationError("--lines \(lines) is not from 0 to 10000.") }
    }

    func run() async throws {
        let client = AdminClient(options.location)
        var names = services
        if names.isEmpty { names = try await client.get("/v1/services", as: TopologyStatus.self).services.map(\.name) }
        let printer = LogPrinter(isJSON: json, style: Terminal.style, nameWidth: (names.map(\.count).max() ?? 0) + 3)
        var past: [LogLine] = []
        for name in names {
            let text = try await client.text("/v1/services/\(name.percentEncoded)/logs?lines=\(lines)")
            let lines = text.split(separator: "\n").compactMap { try? JSONDecoder().decode(LogLine.self, from: Data($0.utf8)) }
            await printer.endPast(of: name, at: lines.map(\.time).max())
            past += lines
        }
        // Stable: lines of one instance that bear the same time stay in their order.
        for line in past.sorted(by: { $0.time < $1.time }) { await printer.show(line) }
        guard follow else { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in names {
                group.addTask {
                    // What was missed while the supervisor was being replaced is among the last lines; what was shown is left out.
                    try await client.follow({ "/v1/services/\(name.percentEncoded)/logs?follow=true&lines=\(Self.overlap)" }) { data in
                        if let line = try? JSONDecoder().decode(LogLine.self, from: Data(data.utf8)) { await printer.showIfNew(line) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Lines that are asked for again when following begins or begins anew.
    private static let overlap = 500
}
