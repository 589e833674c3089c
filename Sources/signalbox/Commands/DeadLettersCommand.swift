import ArgumentParser

struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters",
        abstract: "Shows messages that failed for good, and sends them back.",
        discussion: """
            Examples:
              signalbox dead-letters
              signalbox dead-letters list payment.orders
              signalbox dead-letters replay payment.orders
            """,
        subcommands: [DeadLettersListCommand.self, DeadLettersReplayCommand.self], defaultSubcommand: DeadLettersListCommand.self)
}
