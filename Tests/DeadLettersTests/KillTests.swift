import AMQP
import Foundation
import Glibc
import TestSupport
import Testing

@testable import DeadLetters

/// What holds the dead letters is killed in the midst of a replay.
@Suite struct KillTests {
    @Test(.timeLimit(.minutes(4))) func aReplayThatIsKilledGoesOnAndNothingHasASecondEffect() async throws {
        try await Bench.with(isHeld: false) { bench in
            let total = 3000
            var cutShort = 0
            try await bench.publish((0..<total).map { .dead("\($0)", subject: "order-\($0 % 10)", body: "\($0)") })
            for part in 1...4 {
                let host = try await start(bench, replaying: part == 1)
                try await eventually(within: .seconds(60), "progress of the replay") {
                    try await bench.tool.inspectQueue("q").messages >= part * 200
                }
                kill(host, SIGKILL)
                try await eventually { kill(host, 0) != 0 }
                if !ReplayJournal.all(folder: bench.folder + "/dead-letters").isEmpty { cutShort += 1 }
            }
            // On a busy machine the last ones may come too late.
            #expect(cutShort > 0)
            let host = try await start(bench, replaying: false)
            try await eventually(within: .seconds(60), "the end of the replay") {
                ReplayJournal.all(folder: bench.folder + "/dead-letters").isEmpty
            }
            kill(host, SIGKILL)
            try await eventually { try await bench.tool.inspectQueue("q.dead").consumers == 0 }
            #expect(try await bench.tool.inspectQueue("q.dead").messages == 0)

            // As an inbox sees it: by message id, and by the replay's.
            var replays: [String: Set<String>] = [:]
            var effects: [String] = []
            let arrived = try await bench.take("q")
            for message in arrived {
                let id = try #require(message.properties.messageID)
                let replay = try #require(message.properties.headers["signalbox-replay"]?.string)
                if replays[id] == nil { effects.append(id) }
                replays[id, default: []].insert(replay)
            }
            #expect(effects == (0..<total).map(String.init))
            #expect(replays.values.allSatisfy { $0.count == 1 })
            print("\(total) dead letters sent back through 4 kills -9: \(arrived.count) arrivals, \(effects.count) effects")
        }
    }

    @Test func oneThatWentAndFailedAgainIsNotSentTwice() async throws {
        try await Bench.with(isHeld: false) { bench in
            let (original, second) = (AMQPMessage.dead("1"), AMQPMessage.dead("2"))
            var failedAgain = AMQPMessage.dead("1", cause: "again")
            failedAgain.properties.headers["signalbox-replay"] = "r-0"
            try await bench.publish([original, second, failedAgain])
            let keys = [original, second].map { LetterKey(messageID: $0.properties.messageID ?? "", content: ContentHash.of($0)) }
            try DurableFile.makeFolder(bench.folder + "/dead-letters")
            try ReplayJournal(id: "r", queue: "q", keys: keys).write(folder: bench.folder + "/dead-letters")
            try await bench.hold()
            try await eventually { try await bench.service.replay(id: "r").state == .completed }
            #expect(try await bench.take("q").compactMap(\.properties.messageID) == ["2"])
            let page = try await bench.service.letters(queue: "q", .init(), offset: 0, limit: 10)
            #expect(page.letters.map(\.cause) == ["again"])
        }
    }

    /// - Returns: its process, which `timeout` ends in any case.
    private func start(_ bench: Bench, replaying: Bool) async throws -> pid_t {
        let file = "\(bench.folder)/host-\(UInt32.random(in: 0 ... .max))"
        let script = #"file=$1; shift; timeout -s KILL 200 sh -c 'echo $$ > "$0"; exec "$@"' "$file" "$@" >/dev/null 2>&1 &"#
        let host = Tool.executables.appending(path: "DeadLettersTestHost").path()
        _ = try await Tool.run(
            "/bin/sh", ["-c", script, "sh", file, host, bench.url, bench.folder + "/dead-letters", "q"] + (replaying ? ["replay"] : []))
        try await eventually { (try? String(contentsOfFile: file, encoding: .utf8))?.hasSuffix("\n") ?? false }
        return try #require(pid_t(String(contentsOfFile: file, encoding: .utf8).dropLast()))
    }
}
