import ArgumentParser
import DeadLetters

/// By what dead letters are chosen.
struct DeadLetterFilterOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Only this group, as list names it.", valueName: "group"))
    var group: String?

    @Option(name: .long, help: ArgumentHelp("Only messages of this type.", valueName: "type"))
    var type: String?

    @Option(name: .long, help: ArgumentHelp("Only those whose cause holds this text, letter for letter.", valueName: "text"))
    var cause: String?

    @Option(name: .long, help: ArgumentHelp("Only those of this subject, the key of their order: an order's id.", valueName: "subject"))
    var subject: String?

    var isEmpty: Bool { group == nil && type == nil && cause == nil && subject == nil }

    func query(queue: String?) -> String {
        [("queue", queue), ("group", group), ("type", type), ("cause", cause), ("subject", subject)]
            .compactMap { name, value in value.map { "\(name)=\($0.percentEncoded)" } }.joined(separator: "&")
    }

    func selection(ids: [String], limit: Int? = nil, all: Bool) -> DeadLetterSelection {
        DeadLetterSelection(
            ids: ids.isEmpty ? nil : ids, group: group, type: type, cause: cause, subject: subject, limit: limit, all: all ? true : nil)
    }
}
