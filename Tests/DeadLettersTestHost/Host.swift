import DeadLetters
import Glibc
import Logging

/// Holds the dead letters of one queue as the supervisor does, so that a test can kill it: `DeadLettersTestHost URL FOLDER QUEUE [replay]`.
@main struct Host {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 4 else { exit(64) }
        let service = DeadLetterService(folder: arguments[2], logger: Logger(label: "host"))
        try await service.update(.init(url: arguments[1], queues: [arguments[3]: "\(arguments[3]).dead"]))
        if arguments.count > 4 {
            _ = try? await service.replay(
                queue: arguments[3], DeadLetterSelection(all: true), isForced: false, isDryRun: false, actor: "test")
        }
        while true { try await Task.sleep(for: .seconds(1)) }
    }
}
