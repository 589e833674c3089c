import ArgumentParser

struct DeadLettersReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Sends dead letters back to the queue they came from, for a new first attempt.")

    @OptionGroup var options: TopologyOptions

    @Option(name: .long, help: ArgumentHelp("The most to send back (default: all).", valueName: "count"))
    var limit: Int?

    @Argument(help: ArgumentHelp("The queue they came from.", valueName: "queue"))
    var queue: String

    func validate() throws {
        guard limit.map((1...100_000).contains) ?? true else { throw ValidationError("--limit is not from 1 to 100000.") }
    }

    func run() async throws {
        let path = "/v1/dead-letters/\(queue.percentEncoded)/replay" + (limit.map { "?limit=\($0)" } ?? "")
        let count = try await AdminClient(options.location).post(path, as: ReplayAnswer.self).replayed
        Terminal.line(count == 0 ? "There are no dead letters from \(queue)." : "\(count) sent back to \(queue).")
    }
}
