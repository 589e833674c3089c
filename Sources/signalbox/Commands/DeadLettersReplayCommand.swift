import Admin
import ArgumentParser
import DeadLetters
import FoundationEssentials

struct DeadLettersReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Sends dead letters back to the queue they came from, for a new first attempt.",
        discussion: """
            They go to that queue alone, in the order in which they lie, and leave the dead-letter queue one by one when the broker has confirmed \
            that it has them there. Whoever handles them knows by their ids what it has handled already: nothing has a second effect, also when \
            Signalbox is killed in between; then it goes on by itself when it is back.

            Without an id or a filter all of them go. Where one would overtake an earlier dead letter of the same subject that stays, it asks.

            Examples:
              signalbox dead-letters replay payment.orders --dry-run
              signalbox dead-letters replay payment.orders
              signalbox dead-letters replay payment.orders --group 5f0c12ab --limit 10
              signalbox dead-letters replay payment.orders 0195f1c2-7d3e-7a10-9c44-0d6f1c2b3a4d

            Exit status: 0 all of them are back, 1 failed or stopped, 64 wrong usage.
            """)

    private static let pollInterval = Duration.milliseconds(250)

    @OptionGroup var options: TopologyOptions
    @OptionGroup var filter: DeadLetterFilterOptions

    @Option(name: .long, help: ArgumentHelp("Only the first so many.", valueName: "count"))
    var limit: Int?

    @Flag(name: .long, help: "Only say what would be sent back.")
    var dryRun = false

    @Flag(name: .long, help: "Also those that failed more than 34 days ago, of which the service may have forgotten that it handled them.")
    var force = false

    @Flag(name: .shortAndLong, help: "Do not ask where some would overtake others of their subject.")
    var yes = false

    @Flag(name: .long, help: "Print JSON, as the admin endpoint answers it when it is done.")
    var json = false

    @Argument(help: ArgumentHelp("The queue they came from.", valueName: "queue"))
    var queue: String

    @Argument(help: ArgumentHelp("Only these dead letters, as list names them.", valueName: "id"))
    var ids: [String] = []

    func validate() throws {
        guard limit.map((1...1_000_000).contains) ?? true else { throw ValidationError("--limit is not from 1 to 1000000.") }
    }

    func run() async throws {
        let client = AdminClient(options.location)
        let selection = filter.selection(ids: ids, limit: limit, all: true)
        let path = "/v1/dead-letters/\(queue.percentEncoded)/replay?force=\(force)"
        let plan = try await client.post(path + "&dry_run=true", selection, as: ReplayReport.self)
        if !json { tell(plan) }
        guard !dryRun, plan.count > 0 else {
            if json { try Terminal.json(plan) }
            return
        }
        if !plan.overtakings.isEmpty, !yes { try Confirmation.ask("Send them back all the same?", withoutAsking: "--yes") }
        var report = try await client.post(path, selection, as: ReplayReport.self)
        var area = LiveArea()
        while let replay = report.replay, replay.state == .running {
            if !json { area.draw(lasting: [], live: ["\(replay.replayed) of \(replay.total) are back"]) }
            try await Task.sleep(for: Self.pollInterval)
            let status = try await client.get("/v1/replays/\(replay.id)", as: ReplayStatus.self)
            report.replay = status
            report.replayed = status.replayed
        }
        if json { try Terminal.json(report) } else { area.draw(lasting: []) }
        if let replay = report.replay, replay.state == .stopped {
            throw CommandFailure(
                "\(replay.replayed) of \(replay.total) are back in \(queue); the others are dead letters still, because it was stopped: "
                    + "\(replay.reason ?? "no reason was given").")
        }
        guard !json else { return }
        Terminal.line("\(report.replayed) sent back to \(report.queue).")
        if report.beyond > 0 { Terminal.line("\(report.beyond) more lay behind them; the same command sends back the next.") }
    }

    private func tell(_ plan: ReplayReport) {
        let style = Terminal.style
        if plan.count == 0 { Terminal.line("No dead letters from \(plan.queue) go back.") }
        if dryRun, plan.count > 0 {
            let edited = plan.edited > 0 ? ", \(plan.edited) of them edited" : ""
            Terminal.line("\(plan.count) would go back to \(plan.queue)\(edited), in this order:")
            Terminal.lines(plan.ids.map { "  \($0)" })
            if plan.count > plan.ids.count { Terminal.line("  and \(plan.count - plan.ids.count) more") }
        }
        func list(_ ids: [String]) -> String { ids.prefix(3).joined(separator: ", ") + (ids.count > 3 ? " and more" : "") }
        for one in plan.overtakings {
            Terminal.note(
                "\(style.paint("warning:", .yellow)) of \(one.subject), \(list(one.staying)) would stay, and \(one.overtakenBy) overtake it."
            )
        }
        if !plan.tooOld.isEmpty {
            Terminal.note(
                "\(style.paint("left out:", .yellow)) \(list(plan.tooOld)): failed more than 34 days ago; the service may have forgotten whether it handled "
                    + "them. --force sends them all the same.")
        }
        if !plan.unavailable.isEmpty {
            Terminal.note(
                "\(style.paint("left out:", .yellow)) \(list(plan.unavailable)): there was no room for them in the state directory.")
        }
        if dryRun, plan.beyond > 0 { Terminal.note("\(plan.beyond) more lie behind those that are listed.") }
    }
}
