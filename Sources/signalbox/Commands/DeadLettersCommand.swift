import ArgumentParser

struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters",
        abstract: "Shows messages that failed for good, edits them, sends them back and deletes them.",
        discussion: """
            A message whose handler failed at each of its attempts rests in its queue's dead-letter queue, with the cause. It stays there until \
            it is sent back (replay) or deleted (discard).

            Examples:
              signalbox dead-letters                                    how many, where and why
              signalbox dead-letters list payment.orders --each         one by one
              signalbox dead-letters show 0195f1c2-7d3e-7a10-9c44-0d6f1c2b3a4d
              signalbox dead-letters edit 0195f1c2-7d3e-7a10-9c44-0d6f1c2b3a4d
              signalbox dead-letters replay payment.orders --dry-run
              signalbox dead-letters replay payment.orders --group 5f0c12ab
              signalbox dead-letters discard payment.orders --type order.created
            """,
        subcommands: [
            DeadLettersListCommand.self, DeadLettersShowCommand.self, DeadLettersEditCommand.self, DeadLettersReplayCommand.self,
            DeadLettersDiscardCommand.self,
        ], defaultSubcommand: DeadLettersListCommand.self)
}
