import Foundation
import Glibc
@testable import Supervision
import TestSupport

/// A keeper with its supervisor in processes of their own, as `SupervisionTestHost` runs them, on a topology of the test's.
actor RunningSignalbox {
    nonisolated let folder: String
    nonisolated var state: String { "\(folder)/state" }
    private var keeper: pid_t = 0
    private var orders = 0

    nonisolated static let host: String = {
        let own = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path
        return own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/SupervisionTestHost"
    }()

    /// - Parameter topology: is given the folder, for files of the test's own.
    init(_ topology: (String) throws -> String) throws {
        let folder = try temporaryDirectory()
        self.folder = folder
        for path in ["state", "state/orders", "state/answers"] { mkdir("\(folder)/\(path)", 0o711) }
        try Data(try topology(folder).utf8).write(to: URL(filePath: "\(folder)/topology.yaml"))
        keeper = try Self.start(["keeper", "\(folder)/topology.yaml", "\(folder)/state", "\(getpid())"], output: "\(folder)/keeper.log")
    }

    /// With a broker that is not there, for services that need none; the whole never becomes ready then.
    init(name: String = "demo", services: String, files: [String: String] = [:]) throws {
        try self.init { folder in
            for (file, text) in files { try StateFile.write(text.utf8, to: "\(folder)/\(file)", mode: 0o600) }
            return Self.topology(name: name, services: services)
        }
    }

    static func topology(name: String = "demo", services: String) -> String {
        """
        name: \(name)
        broker: { url: "amqp://nobody@127.0.0.1:1/x" }
        services:
        \(services)
        """
    }

    private static func start(_ arguments: [String], output: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        var argv = ([host] + arguments).map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, host, &actions, &attributes, &argv, environ)
        guard result == 0 else { throw TestSupportError("cannot start \(host): \(String(cString: strerror(result)))") }
        return pid
    }

    /// Gives an order to the supervisor, and returns its answer: JSON, or a line that begins with `error:`.
    func order(_ words: String) async throws -> String {
        orders += 1
        let number = orders
        try Data("\(words)\n".utf8).write(to: URL(filePath: "\(state)/orders/.new"))
        rename("\(state)/orders/.new", "\(state)/orders/\(number)")
        var answer: String?
        try await eventually(within: .seconds(60), "an answer to \(words)") {
            answer = (try? Data(contentsOf: URL(filePath: "\(state)/answers/\(number)"))).map { String(decoding: $0, as: UTF8.self) }
            return answer != nil
        }
        return answer ?? ""
    }

    func order<Answer: Decodable>(_ words: String, as type: Answer.Type) async throws -> Answer {
        let answer = try await order(words)
        do { return try JSONDecoder().decode(type, from: Data(answer.utf8)) } catch { throw TestSupportError("\(words): \(answer)") }
    }

    func status() async throws -> TopologyStatus { try await order("status", as: TopologyStatus.self) }

    func service(_ name: String) async throws -> ServiceStatus {
        let status = try await status()
        guard let service = status.services.first(where: { $0.name == name }) else { throw TestSupportError("no service \(name)") }
        return service
    }

    /// Waits until the service is as wanted, and returns it.
    @discardableResult
    func service(
        _ name: String, within limit: Duration = .seconds(30), _ what: String, where isAsWanted: (ServiceStatus) -> Bool
    ) async throws -> ServiceStatus {
        var last: ServiceStatus?
        do {
            try await eventually(within: limit, "\(name): \(what)") {
                last = try? await service(name)
                return last.map(isAsWanted) ?? false
            }
        } catch {
            throw TestSupportError("\(error)\nlast: \(last.map { "\($0)" } ?? "-")\n\(supervisorLog)")
        }
        guard let last else { throw TestSupportError("no service \(name)") }
        return last
    }

    func isReady(_ name: String, within limit: Duration = .seconds(30)) async throws -> ServiceStatus {
        try await service(name, within: limit, "ready") { $0.state == .ready }
    }

    @discardableResult
    func ready(within limit: Duration = .seconds(90)) async throws -> TopologyStatus {
        var last: TopologyStatus?
        do {
            try await eventually(within: limit, "the topology") {
                last = try await status()
                return last?.state == .ready
            }
        } catch {
            throw TestSupportError("not ready: \(last?.reason ?? "-")\n\(supervisorLog)")
        }
        return last!
    }

    func write(topology: String) throws { try Data(topology.utf8).write(to: URL(filePath: "\(folder)/topology.yaml")) }

    nonisolated var supervisorLog: String {
        (try? String(contentsOfFile: "\(state)/logs/supervisor.log", encoding: .utf8)).map { String($0.suffix(4000)) } ?? ""
    }

    /// The supervisor process of now: the keeper's child that is called so.
    func supervisorPID() throws -> pid_t {
        for entry in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
            guard let pid = pid_t(entry), let data = try? Data(contentsOf: URL(filePath: "/proc/\(entry)/cmdline")) else { continue }
            let words = data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            if words.count >= 4, words[1] == "supervise", words[3] == state { return pid }
        }
        throw TestSupportError("no supervisor runs")
    }

    func signalKeeper(_ signal: Int32) throws {
        guard kill(keeper, signal) == 0 else { throw TestSupportError("the keeper is gone") }
    }

    /// Returns the keeper's exit status.
    func stop() async throws -> Int32 {
        kill(keeper, SIGTERM)
        return try await exitStatus()
    }

    func exitStatus() async throws -> Int32 {
        var status: Int32 = 0
        try await eventually(within: .seconds(60), "the keeper's end") { waitpid(self.keeper, &status, WNOHANG) == self.keeper }
        removeDirectory(folder)
        return status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f)
    }
}
