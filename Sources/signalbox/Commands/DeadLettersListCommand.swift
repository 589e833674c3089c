import Admin
import ArgumentParser
import DeadLetters
import FoundationEssentials

struct DeadLettersListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Shows dead letters with their cause; they stay where they are.",
        discussion: """
            By default it counts them by queue, type and cause; causes that differ only in ids and numbers count as one. GROUP names such a group \
            to the other commands. With --each it lists one by one, in the queue's order, which is the order they would be sent back in.

            Examples:
              signalbox dead-letters list
              signalbox dead-letters list payment.orders --each --limit 1000
              signalbox dead-letters list --group 5f0c12ab --each
              signalbox dead-letters list --subject order-17 --each
              signalbox dead-letters list --each --limit 100000 --json | jq -r .id

            Exit status: 0 shown, also when there are none; 1 failed; 64 wrong usage.
            """)

    /// What one call answers.
    private static let page = 10_000
    private static let limits = 1...1_000_000

    @OptionGroup var options: TopologyOptions
    @OptionGroup var filter: DeadLetterFilterOptions

    @Flag(name: .long, help: "List one by one.")
    var each = false

    @Option(name: .long, help: ArgumentHelp("With --each: the most to show.", valueName: "count"))
    var limit = 100

    @Flag(name: .long, help: "Print JSON: the groups as the admin endpoint answers them; with --each an object a line.")
    var json = false

    @Argument(help: ArgumentHelp("Only those that came from this queue.", valueName: "queue"))
    var queue: String?

    func validate() throws {
        guard Self.limits.contains(limit) else { throw ValidationError("--limit \(limit) is not from 1 to \(Self.limits.upperBound).") }
    }

    func run() async throws {
        let client = AdminClient(options.location)
        if each { try await list(client) } else { try await count(client) }
    }

    private var query: String { filter.query(queue: queue) }

    private func count(_ client: AdminClient) async throws {
        let path = "/v1/dead-letter-groups?\(query)"
        if json {
            Terminal.write(try await client.text(path))
            return
        }
        let overview = try await client.get(path, as: DeadLetterOverview.self)
        if overview.groups.isEmpty {
            Terminal.line(
                filter.isEmpty ? "There are no dead letters\(queue.map { " from \($0)" } ?? "")." : "No dead letter is like that.")
        } else {
            var table = TextTable("GROUP", "QUEUE", "COUNT", "TYPE", "FIRST", "LAST", "CAUSE")
            for group in overview.groups {
                table.add(
                    .init(group.group), .init(group.queue), .init(String(group.count), .red), .init(group.type),
                    .init(Self.time(group.first)), .init(Self.time(group.last)), .init(Self.line(group.cause)))
            }
            Terminal.lines(table.lines(style: Terminal.style, width: Terminal.width))
        }
        for queue in overview.queues {
            if let problem = queue.problem { Terminal.note("\(queue.queue): shown as it was; \(problem).") }
            if queue.isLoading { Terminal.note("\(queue.queue): still being read, \(queue.count) so far.") }
            if queue.beyond > 0 { Terminal.note("\(queue.queue): \(queue.beyond) more lie behind the \(queue.count) that are counted.") }
        }
    }

    private func list(_ client: AdminClient) async throws {
        var table = TextTable("ID", "QUEUE", "TYPE", "SUBJECT", "FAILED", "ATTEMPTS", "CAUSE")
        var offset = 0
        var total = 0
        repeat {
            let count = min(limit - offset, Self.page)
            let page = try await client.get("/v1/dead-letters?offset=\(offset)&limit=\(count)&\(query)", as: DeadLetterPage.self)
            total = page.total
            if json { try Self.printLines(page.letters) }
            for letter in page.letters where !json {
                table.add(
                    .init(letter.isEdited ? "\(letter.id) (edited)" : letter.id), .init(letter.queue), .init(letter.type),
                    .init(letter.subject ?? "-"), .init(Self.time(letter.firstFailedAt)), .number(letter.attempts),
                    .init(Self.line(letter.cause)))
            }
            offset += page.letters.count
            if page.letters.count < count { break }
        } while offset < limit
        guard !json else { return }
        if table.isEmpty {
            Terminal.line(
                filter.isEmpty ? "There are no dead letters\(queue.map { " from \($0)" } ?? "")." : "No dead letter is like that.")
            return
        }
        Terminal.lines(table.lines(style: Terminal.style, width: Terminal.width))
        if offset < total { Terminal.note("\(total - offset) more; show them with: --limit \(min(total, Self.limits.upperBound))") }
    }

    private static func printLines(_ letters: [DeadLetterSummary]) throws {
        let encoder = JSONEncoder.admin()
        var text = ""
        for letter in letters { text += String(decoding: try encoder.encode(letter), as: UTF8.self) + "\n" }
        Terminal.write(text)
    }

    private static func time(_ text: String?) -> String { text.map { LocalTime.text($0, format: .story) ?? $0 } ?? "-" }

    private static func line(_ text: String) -> String { text.split(whereSeparator: \.isNewline).joined(separator: " ") }
}
