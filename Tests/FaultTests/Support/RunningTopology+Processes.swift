import Foundation
import Glibc
import Testing
import TestSupport

extension RunningTopology {
    /// Of the keeper that runs, or ran last.
    var keeper: pid_t {
        get throws {
            let text = try String(contentsOfFile: state + "/keeper.lock", encoding: .utf8)
            guard let pid = pid_t(text.filter(\.isNumber)) else { throw TestSupportError("keeper.lock names no keeper: \(text)") }
            return pid
        }
    }

    /// Waits until another supervisor than `former` answers.
    func supervisor(after former: pid_t, within limit: Duration = .seconds(15)) async throws {
        try await eventually(within: limit, "the answer of another supervisor than \(former)") {
            guard let next = self.supervisor, next != former else { return false }
            return await self.answers()
        }
    }

    /// kill -9, and waits until the next one answers.
    func killSupervisor() async throws {
        let former = try #require(supervisor)
        kill(former, SIGKILL)
        try await supervisor(after: former)
    }

    /// Nil while there is none.
    var supervisor: pid_t? {
        guard let keeper = try? keeper,
            let children = try? String(contentsOfFile: "/proc/\(keeper)/task/\(keeper)/children", encoding: .utf8)
        else { return nil }
        return children.split(separator: " ").compactMap { pid_t($0) }.first { pid in
            ProcessFacts.arguments(of: pid).dropFirst().first == "supervise" && !ProcessFacts.isGone(pid)
        }
    }

    /// Everything that names this run's state directory in its environment or its command line.
    var processes: [pid_t] {
        ProcessFacts.all.filter { process in
            guard process != getpid() else { return false }
            return ProcessFacts.text(of: process, "environ").contains(state) || ProcessFacts.text(of: process, "cmdline").contains(state)
        }
    }

    /// By service and instance, such as order.1, of those that the admin endpoint knows.
    func processIDs() async throws -> [String: Int] {
        var processes: [String: Int] = [:]
        for service in try await status()["services"].array where service["kind"].string != "server" {
            for instance in service["instances"].array {
                guard let pid = instance["pid"].int, let number = instance["instance"].int else { continue }
                processes["\(service["name"].string ?? "").\(number)"] = pid
            }
        }
        return processes
    }

    // MARK: - What the services wrote down

    /// A line for each process that was started as this instance.
    func starts(_ instance: String) -> [pid_t] { lines("\(instance).starts").compactMap { pid_t($0) } }

    /// How each process of the instance that ended by itself ended: `status 7` or `signal 9`.
    func ends(_ instance: String) -> [String] {
        lines("\(instance).ends").map { $0.split(separator: " ").dropFirst().joined(separator: " ") }
    }

    /// Processes that found another of their instance alive.
    var doubles: [String] { lines("doubles") }

    private func lines(_ file: String) -> [String] {
        ((try? String(contentsOfFile: "\(facts)/\(file)", encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }

    /// Every transition that the audit log has, oldest first.
    func events() throws -> [JSON] {
        let files = try FileManager.default.contentsOfDirectory(atPath: state).filter { $0.hasPrefix("audit.jsonl") }
        return try files.sorted { Self.age($0) > Self.age($1) }.flatMap { file in
            try String(contentsOfFile: "\(state)/\(file)", encoding: .utf8).split(separator: "\n").map { try JSON(parsing: String($0)) }
        }
    }

    // MARK: - Logs

    /// As this process can reach it: the keeper may have mounted another file system there.
    var logs: String {
        get throws { surroundings.hidesLogs ? "/proc/\(try keeper)/root\(state)/logs" : state + "/logs" }
    }

    /// What an instance printed, oldest first, without time and stream.
    func logLines(_ instance: String) throws -> [Substring] {
        let folder = try logs
        let name = "\(instance).log"
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0 == name || $0.hasPrefix(name + ".") }
        return try files.sorted { Self.age($0) > Self.age($1) }.flatMap { file in
            try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8).split(separator: "\n").map { line in
                line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).last ?? line
            }
        }
    }

    /// Of an instance of `FaultTestHost talk` that was stopped: each line that it printed is there once, in order.
    func expectEveryLine(of instance: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let lines = try logLines(instance)
        let last = lines.last ?? ""
        let count = Int(last.dropFirst("last ".count)) ?? -1
        #expect(
            last.hasPrefix("last ") && lines.count == count + 1, "\(instance): \(lines.count) lines, \(last)",
            sourceLocation: sourceLocation)
        let firstWrong = zip(lines, 1...).first { $0 != "line \($1)" && !$0.hasPrefix("last ") }
        #expect(firstWrong == nil, "\(instance)", sourceLocation: sourceLocation)
    }

    private static func age(_ file: String) -> Int { Int(file.split(separator: ".").last ?? "") ?? 0 }

    var output: String { (try? String(contentsOfFile: folder + "/up.log", encoding: .utf8)) ?? "" }

    /// For a test that failed.
    func lastWords() async -> String {
        let log = (try? String(contentsOfFile: state + "/logs/supervisor.log", encoding: .utf8)) ?? ""
        let status = try? await administer("GET", "/v1/services", within: .seconds(3))
        return "up: \(output.suffix(2000))\nsupervisor: \(log.suffix(3000))\nstatus: \(String("\(status ?? .null)".prefix(3000)))"
    }
}
