import Admin
import ArgumentParser
import DeadLetters

struct DeadLettersShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows all of one dead letter: its cause, its headers and its body.",
        discussion: """
            Examples:
              signalbox dead-letters show 0195f1c2-7d3e-7a10-9c44-0d6f1c2b3a4d
              signalbox dead-letters show 0195f1c2-7d3e-7a10-9c44-0d6f1c2b3a4d --body | jq .
              signalbox dead-letters show 0195f1c2-7d3e-7a10-9c44-0d6f1c2b3a4d --queue payment.orders --json
            """)

    @OptionGroup var options: TopologyOptions
    @OptionGroup var place: DeadLetterPlaceOptions

    @Flag(name: .long, help: "Print the body alone (base64 where it is not text).")
    var body = false

    @Flag(name: .long, help: "Print JSON, as the admin endpoint answers it.")
    var json = false

    func run() async throws {
        let client = AdminClient(options.location)
        if json {
            Terminal.write(try await client.text(place.path))
            return
        }
        let letter = try await client.get(place.path, as: DeadLetterDetail.self)
        if body {
            Terminal.write(letter.body.hasSuffix("\n") ? letter.body : letter.body + "\n")
            return
        }
        Terminal.lines(Self.lines(letter))
    }

    static func lines(_ letter: DeadLetterDetail) -> [String] {
        let style = Terminal.style
        let summary = letter.summary
        func time(_ text: String) -> String { LocalTime.text(text, format: .story) ?? text }
        let attempts = summary.attempts == 1 ? "1 attempt" : "\(summary.attempts) attempts"
        var lines = ["\(style.paint(summary.id, .bold))  \(summary.type) for \(summary.queue)", style.paint(letter.cause, .red)]
        if let explanation = letter.explanation { lines.append(explanation) }
        lines += ["", "attempts   \(attempts)\(summary.firstFailedAt.map { ", the first failed \(time($0))" } ?? "")"]
        if let subject = summary.subject { lines.append("subject    \(subject)") }
        if let source = letter.source { lines.append("published  by \(source)\(letter.publishedAt.map { ", \(time($0))" } ?? "")") }
        lines.append("group      \(summary.group)")
        if !letter.before.isEmpty {
            lines.append(
                style.paint("before it", .yellow) + "  \(letter.before.joined(separator: ", ")): earlier ones of the same subject; "
                    + "to send this one back alone would overtake them")
        }
        lines += ["", "headers"] + letter.headers.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }
        let kind = letter.isBase64 ? "body (\(summary.bodyBytes) bytes that are no text, as base64)" : "body"
        lines += ["", letter.editedAt.map { "\(kind), edited \(time($0))" } ?? kind, letter.body]
        if let original = letter.originalBody { lines += ["", "body before the edit", original] }
        return lines
    }
}
