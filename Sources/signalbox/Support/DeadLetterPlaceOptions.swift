import ArgumentParser

/// Which one dead letter.
struct DeadLetterPlaceOptions: ParsableArguments {
    @Option(
        name: .long, help: ArgumentHelp("The queue it came from, where more than one has a dead letter of this id.", valueName: "queue"))
    var queue: String?

    @Argument(help: ArgumentHelp("The dead letter, as list names it.", valueName: "id"))
    var id: String

    /// In the admin endpoint.
    var path: String { "/v1/dead-letters/\((queue ?? "-").percentEncoded)/letters/\(id.percentEncoded)" }
}
