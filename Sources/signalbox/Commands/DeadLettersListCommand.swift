import Admin
import ArgumentParser
import Supervision

struct DeadLettersListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Shows dead letters with their cause; they stay where they are.")

    @OptionGroup var options: TopologyOptions

    @Option(name: .long, help: ArgumentHelp("The most to show, 1 to 500.", valueName: "count"))
    var limit = 50

    @Flag(name: .long, help: "Print JSON, as the admin endpoint answers it.")
    var json = false

    @Argument(help: ArgumentHelp("Only those that came from this queue.", valueName: "queue"))
    var queue: String?

    func validate() throws {
        guard (1...500).contains(limit) else { throw ValidationError("--limit \(limit) is not from 1 to 500.") }
    }

    func run() async throws {
        let client = AdminClient(options.location)
        let path = "/v1/dead-letters?limit=\(limit)" + (queue.map { "&queue=\($0.percentEncoded)" } ?? "")
        if json {
            Terminal.write(try await client.text(path))
            return
        }
        let letters = try await client.get(path, as: DeadLetterList.self).messages
        guard !letters.isEmpty else {
            Terminal.line("There are no dead letters\(queue.map { " from \($0)" } ?? "").")
            return
        }
        let style = Terminal.style
        for letter in letters {
            Terminal.lines([
                "\(style.paint(letter.queue, .bold))  \(letter.type ?? "")  \(letter.messageID ?? "")",
                "    \(style.paint(letter.cause ?? "no cause was noted", .red)), "
                    + "\(letter.attempts ?? 0) attempts since \(letter.firstFailedAt ?? "an unknown time")",
                "    \(letter.body)",
            ])
        }
    }
}
