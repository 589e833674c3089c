import Admin
import ArgumentParser
import FoundationEssentials
import Supervision
import Topology

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Shows what services print.",
        discussion: """
            Several services are shown as one, in the order of time. A line that is a JSON object has the level that it says; any other counts as \
            info, or on stderr as error. Times are a stretch before now (10m, 1h30m, 2d), a time of today (12:00), a day, or ISO 8601.

            With --cursor-file each invocation begins where the one before ended, over rotated files, restarts and days: nothing is missed, \
            nothing comes twice. The first one, when there is no such file yet, begins with --lines or --since.

            Examples:
              signalbox logs                              the last lines of everything
              signalbox logs order/2 --lines 500          one instance
              signalbox logs --follow order payment
              signalbox logs --since 10m --level warning
              signalbox logs order --since 12:00 --until 12:05 --grep 4711
              signalbox logs --json --cursor-file /var/lib/shipper/cursor | shipper

            Exit status: 0 shown (with --grep: also when nothing was found), 1 failed, 64 wrong usage.
            """)

    @OptionGroup var options: TopologyOptions

    @Flag(name: .shortAndLong, help: "Go on with the lines to come, until Ctrl-C.")
    var follow = false

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("Begin with the last so many lines (default: 100; with --since all from then on).", valueName: "count"))
    var lines: Int?

    @Option(name: .long, help: ArgumentHelp("Only from this time on.", valueName: "time"))
    var since: String?

    @Option(name: .long, help: ArgumentHelp("Only before this time.", valueName: "time"))
    var until: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Only this level and those above it: trace, debug, info, notice, warning, error, critical.", valueName: "level"))
    var level: String?

    @Option(name: .long, help: ArgumentHelp("Only lines that hold this text, letter for letter.", valueName: "text"))
    var grep: String?

    @Option(name: .long, help: ArgumentHelp("Begin where an earlier answer ended (printed by --show-cursor).", valueName: "cursor"))
    var cursor: String?

    @Option(name: .long, help: ArgumentHelp("Begin at the place that is kept in this file, and keep the new one there.", valueName: "file"))
    var cursorFile: String?

    @Flag(name: .long, help: "Print the place after the last line, on standard error.")
    var showCursor = false

    @Flag(name: .shortAndLong, help: "Print each line's time.")
    var times = false

    @Flag(name: .long, help: "Print JSON, one object a line.")
    var json = false

    @Argument(help: ArgumentHelp("Which services, or which instances of them (default: all).", valueName: "service[/instance]"))
    var services: [String] = []

    func validate() throws {
        if let lines, !(0...100_000).contains(lines) { throw ValidationError("--lines \(lines) is not from 0 to 100000.") }
        if let level, LogLevel(word: level) == nil {
            throw ValidationError("--level \(level) is none of trace, debug, info, notice, warning, error, critical.")
        }
        for (name, text) in [("since", since), ("until", until)] {
            guard let text, LogTime.parse(text, now: 0, isLocal: true) == nil else { continue }
            throw ValidationError("--\(name) \(text) is no time. Write for instance 10m, 12:00, or 2026-11-21T12:00:00Z.")
        }
        if cursor != nil, cursorFile != nil { throw ValidationError("--cursor and --cursor-file both say where to begin; give one.") }
    }

    func run() async throws {
        let client = AdminClient(options.location)
        let names = try services.map { (name: String) throws(CommandFailure) in try ServiceName(name) }
        try await checkNames(names, client)
        let file = cursorFile.map(CursorFile.init)
        var place = try cursor ?? file?.load()
        let now = LogTime.now
        let filter = try self.filter(names, now: now)
        let begin = place == nil ? beginning : nil
        // Of a log that grows faster than it is read the end would never come.
        let end = until == nil && !follow ? "&until=\(LogTime.text(now).percentEncoded)" : ""
        var left = follow ? nil : place == nil ? lines : nil
        var printer = LogPrinter(isJSON: json, showsTimes: times, style: Terminal.style)
        var hasShown = false
        var hint = true
        while true {
            let start = place.map { "&cursor=\($0.percentEncoded)" } ?? begin ?? ""
            let wait = follow && hasShown ? "&wait=\(Self.wait)" : ""
            let answer = try await ask(client, "/v1/logs?limit=\(min(left ?? Self.portion, Self.portion))\(filter)\(end)\(start)\(wait)")
            guard let answer else { continue }
            if let gaps = answer.gaps { Terminal.note("note: lines of \(gaps) are lost: their files were deleted before they were read") }
            printer.show(answer.lines)
            hasShown = true
            place = answer.cursor
            try file?.store(answer.cursor)
            if hint, answer.lines.isEmpty, !follow { tellWhereElse(names) }
            hint = false
            if let count = left { left = max(0, count - answer.lines.count) }
            if !follow, !answer.hasMore || left == 0 { break }
        }
        if showCursor, let place { Terminal.note("cursor: \(place)") }
    }

    /// Lines that are asked for at a time: memory is bounded however long the logs are.
    private static let portion = 2000
    /// Seconds for which Signalbox waits for a line before it answers that there is none.
    private static let wait = 20

    /// - Returns: Nil: the supervisor was being replaced; to be asked again.
    private func ask(_ client: AdminClient, _ path: String) async throws -> LogAnswer? {
        do { return try await client.logs(path) } catch let failure as CommandFailure {
            guard follow else { throw failure }
            guard KeeperLock.isHeld(options.location.lockPath) else { throw CommandFailure("Signalbox has been stopped.", status: 0) }
            guard failure.isOfConnection else { throw failure }
            return nil
        }
    }

    private var beginning: String {
        if let lines { return "&lines=\(lines)" }
        return since == nil ? "&lines=100" : ""
    }

    /// The part of the query that stays the same.
    private func filter(_ names: [ServiceName], now: Double) throws -> String {
        var filter = ""
        if !names.isEmpty { filter += "&service=" + names.map { $0.text.percentEncoded }.joined(separator: ",") }
        if let level { filter += "&level=\(level.percentEncoded)" }
        if let grep { filter += "&grep=\(grep.percentEncoded)" }
        for (name, text) in [("since", since), ("until", until)] {
            guard let text, let time = LogTime.parse(text, now: now, isLocal: true) else { continue }
            filter += "&\(name)=\(LogTime.text(time).percentEncoded)"
        }
        return filter
    }

    /// A name that is misspelt would show nothing, and say nothing.
    private func checkNames(_ names: [ServiceName], _ client: AdminClient) async throws {
        for service in Set(names.map(\.service)).sorted() {
            _ = try await client.logs("/v1/services/\(service.percentEncoded)/logs?lines=0")
        }
    }

    /// What goes to the journal alone is in no file.
    private func tellWhereElse(_ names: [ServiceName]) {
        guard let topology = try? TopologyFile.quietly(options.location) else { return }
        let wanted = Set(names.map(\.service))
        for service in topology.services where wanted.contains(service.name) && (service.logs ?? topology.logs).destination == .journal {
            Terminal.note("note: the lines of \(service.name) go to systemd's journal: journalctl SIGNALBOX_SERVICE=\(service.name)")
        }
    }
}
