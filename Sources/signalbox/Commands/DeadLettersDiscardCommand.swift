import Admin
import ArgumentParser
import DeadLetters
import FoundationEssentials

struct DeadLettersDiscardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard", abstract: "Deletes dead letters for good.",
        discussion: """
            It asks before it does. To delete all of a queue, say --all.

            Examples:
              signalbox dead-letters discard payment.orders 0195f1c2-7d3e-7a10-9c44-0d6f1c2b3a4d
              signalbox dead-letters discard payment.orders --group 5f0c12ab --yes
              signalbox dead-letters discard payment.orders --all --dry-run

            Exit status: 0 they are gone, 1 failed or answered with no, 64 wrong usage.
            """)

    @OptionGroup var options: TopologyOptions
    @OptionGroup var filter: DeadLetterFilterOptions

    @Flag(name: .long, help: "All that came from the queue.")
    var all = false

    @Flag(name: .long, help: "Only say which would be deleted.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @Flag(name: .long, help: "Print JSON, as the admin endpoint answers it.")
    var json = false

    @Argument(help: ArgumentHelp("The queue they came from.", valueName: "queue"))
    var queue: String

    @Argument(help: ArgumentHelp("Only these dead letters, as list names them.", valueName: "id"))
    var ids: [String] = []

    func validate() throws {
        guard all || !ids.isEmpty || !filter.isEmpty else {
            throw ValidationError("Say which: ids, --group, --type, --cause, --subject, or --all.")
        }
    }

    func run() async throws {
        let client = AdminClient(options.location)
        let path = "/v1/dead-letters/\(queue.percentEncoded)/discard"
        var selection = filter.selection(ids: ids, all: all)
        let plan = try await client.post(path + "?dry_run=true", selection, as: DiscardReport.self)
        guard !dryRun, plan.count > 0 else {
            if json { return try Terminal.json(plan) }
            Terminal.line(plan.count == 0 ? "There are no such dead letters from \(queue)." : "\(plan.count) would be deleted for good:")
            Terminal.lines(plan.ids.map { "  \($0)" })
            if plan.count > plan.ids.count { Terminal.line("  and \(plan.count - plan.ids.count) more") }
            return
        }
        if !yes { try Confirmation.ask("Delete \(plan.count) dead letters from \(queue) for good?", withoutAsking: "--yes") }
        // What came since then was not meant.
        selection.limit = plan.count
        let report = try await client.post(path, selection, as: DiscardReport.self)
        if json { return try Terminal.json(report) }
        Terminal.line("\(report.count) deleted.")
    }
}
