import FoundationEssentials
import Glibc
import Supervision

/// Stands in for the admin endpoint: carries out `orders/NUMBER` (words in a line) and writes `answers/NUMBER` in the state directory.
struct OrderBook {
    let folder: String
    /// When it is gone, so is the reason for all this.
    let test: Int32
    let supervisor: Supervisor

    func follow() async {
        var number = 0
        while !Task.isCancelled {
            guard kill(test, 0) == 0 else { return await supervisor.shutdown(reason: "the test is gone") }
            let next = "\(folder)/orders/\(number + 1)"
            if let data = try? Data(contentsOf: URL(filePath: next)), data.last == UInt8(ascii: "\n") {
                number += 1
                let answer = "\(folder)/answers/\(number)"
                if access(answer, F_OK) != 0 { await carryOut(String(decoding: data.dropLast(), as: UTF8.self), to: answer) }
            } else {
                try? await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    private static func upgrade(_ supervisor: Supervisor, to executable: String) async throws -> Bool {
        try await supervisor.upgrade(executable: executable, actor: "test")
        return true
    }

    private func carryOut(_ order: String, to answer: String) async {
        let words = order.split(separator: " ").map(String.init)
        let encoder = JSONEncoder()
        var data: Data
        do {
            data =
                switch (words.first, words.count) {
                case ("status", 1): try encoder.encode(await supervisor.status())
                case ("scale", 3): try encoder.encode(try await supervisor.scale(words[1], to: Int(words[2]) ?? 0, actor: "test"))
                case ("start", 2): try encoder.encode(try await supervisor.start(words[1], actor: "test"))
                case ("stop", 2): try encoder.encode(try await supervisor.stop(words[1], actor: "test"))
                case ("restart", 2): try encoder.encode(try await supervisor.restart(words[1], actor: "test"))
                case ("plan", 1): try encoder.encode(try await supervisor.plan())
                case ("plan", 2): try encoder.encode(try await supervisor.plan(prunes: words[1] == "prune"))
                case ("apply", 2): try encoder.encode(try await supervisor.apply(actor: "test", prunes: words[1] == "prune"))
                case ("apply", 1): try encoder.encode(try await supervisor.apply(actor: "test"))
                case ("history", 3): try encoder.encode(try await supervisor.history(of: words[1], limit: Int(words[2]) ?? 0))
                case ("transitions", 3):
                    try encoder.encode(await supervisor.transitions(of: nil, after: Int(words[1]), limit: Int(words[2]) ?? 0))
                case ("upgrade", 2): try encoder.encode(try await Self.upgrade(supervisor, to: words[1]))
                case ("queues", 1): try encoder.encode(try await supervisor.queues())
                default: Data("\"unknown order\"".utf8)
                }
        } catch {
            data = Data("error: \(error)".utf8)
        }
        try? data.write(to: URL(filePath: answer + ".new"))
        rename(answer + ".new", answer)
    }
}
