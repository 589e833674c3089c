import Foundation
import TestSupport

/// `rabbitmqctl` for a private broker, with the environment of the broker's own process.
struct BrokerControl {
    private let environment: [String: String]
    private let process: pid_t

    /// - Parameter port: where the broker takes AMQP.
    init(port: Int) throws {
        for entry in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
            guard let process = pid_t(entry), (try? String(contentsOfFile: "/proc/\(entry)/comm", encoding: .utf8)) == "beam.smp\n",
                let block = try? String(contentsOfFile: "/proc/\(entry)/environ", encoding: .utf8)
            else { continue }
            var environment: [String: String] = [:]
            for variable in block.split(separator: "\0") {
                let parts = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                if parts.count == 2 { environment[String(parts[0])] = String(parts[1]) }
            }
            guard let file = environment["RABBITMQ_CONFIG_FILE"], let text = try? String(contentsOfFile: file, encoding: .utf8),
                text.contains("127.0.0.1:\(port)\n")
            else { continue }
            self.environment = environment
            self.process = process
            return
        }
        throw TestSupportError("no broker listens on \(port)")
    }

    /// Waits until the quorum queue survives SIGKILL of the broker: the table of the queues' Raft servers (a DETS file) is written up to 3 s
    /// late, and a queue that is not in it comes back with no leader, for good.
    func waitUntilDurable(queue: String) async throws {
        let folder = environment["RABBITMQ_MNESIA_BASE"] ?? ""
        try await eventually(within: .seconds(30), "the writing of queue \(queue)") {
            let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
            return files.filter { $0.hasSuffix("names.dets") }.contains { file in
                FileManager.default.contents(atPath: "\(folder)/\(file)")?.range(of: Data("_\(queue)".utf8)) != nil
            }
        }
    }

    func signal(_ number: Int32) {
        kill(process, number)
    }

    func run(_ arguments: String...) async throws {
        var environment = environment.filter { !["RABBITMQ_SERVER_ERL_ARGS", "NOTIFY_SOCKET"].contains($0.key) }
        environment["RABBITMQ_CTL_ERL_ARGS"] = ""
        let result = try await Tool.run("/usr/lib/rabbitmq/bin/rabbitmqctl", arguments, environment: environment)
        guard result.status == 0 else {
            throw TestSupportError("rabbitmqctl \(arguments.joined(separator: " ")): \(result.output)\(result.errors)")
        }
    }
}
