import Foundation
import Glibc
import HTTPClient
import Synchronization
import Testing
import TestSupport

/// A topology of a test's own, run by the real `signalbox up`, on a state directory and ports of its own. The broker is the one that all
/// tests share, with a virtual host of its own.
///
/// Services are `FaultTestHost …`, which write down what they do in `facts`.
final class RunningTopology: Sendable {
    static let startPatience = Duration.seconds(60)
    static let stopPatience = Duration.seconds(60)

    let folder: String
    let admin: HTTPClient.Address
    private let head: String
    let surroundings: Surroundings
    private let up = Mutex<GuardedScript?>(nil)
    /// Ends and removes everything when this test process ends, however it ends.
    private let cleaner: GuardedScript
    private let client = HTTPClient()

    var topologyFile: String { folder + "/topology.yaml" }
    var state: String { folder + "/state" }
    var facts: String { folder + "/facts" }

    /// Runs `body` with everything up; then takes it down, and checks that nothing is left of it and that nothing ran twice.
    /// - Parameters:
    ///   - services: the file's `services`, indented by two.
    ///   - rest: whatever else the file has.
    ///   - files: to be made beside the file, for its owner alone.
    ///   - untilReady: false: `body` begins as soon as a supervisor answers.
    ///   - status: with which `signalbox up` ends: 1 when something had failed before all was ready.
    static func run(
        _ services: String, rest: String = "", broker: Broker = .shared, files: [String: String] = [:],
        in surroundings: Surroundings = .plain, untilReady: Bool = true, endsWith status: Int32 = 0,
        _ body: (RunningTopology) async throws -> Void
    ) async throws {
        let topology = try await RunningTopology(broker: broker, in: surroundings)
        try topology.write(services, rest: rest)
        for (name, text) in files {
            try text.write(toFile: "\(topology.folder)/\(name)", atomically: true, encoding: .utf8)
            chmod("\(topology.folder)/\(name)", 0o600)
        }
        do {
            try topology.start()
            if untilReady {
                try await topology.ready()
            } else {
                try await eventually(within: startPatience, "the supervisor") { await topology.answers() }
            }
            try await body(topology)
            #expect(try await topology.stop() == status, "\(topology.output.suffix(3000))")
            #expect(topology.processes.isEmpty, "\(topology.processes)")
            #expect(topology.doubles == [])
            topology.cleaner.end()
        } catch {
            let words = await topology.lastWords()
            topology.cleaner.end()
            throw TestSupportError("\(error)\n\(words)")
        }
    }

    enum Broker {
        case shared
        /// One of the topology's own, which takes seconds to start.
        case managed
    }

    private init(broker kind: Broker, in surroundings: Surroundings) async throws {
        self.surroundings = surroundings
        folder = try temporaryDirectory()
        try FileManager.default.createDirectory(atPath: folder + "/facts", withIntermediateDirectories: true)
        let name: String
        let server: String
        switch kind {
        case .shared:
            let broker = try await PrivateRabbitMQ.shared()
            name = try await broker.makeVirtualHost()
            server =
                "{ url: \"amqp://\(broker.user)@127.0.0.1:\(broker.port)/\(name)\", password_file: broker.secret, "
                + "management_url: \"\(broker.managementURL)\" }"
            try broker.password.write(toFile: folder + "/broker.secret", atomically: true, encoding: .utf8)
        case .managed:
            name = "faults"
            server = "{ managed: true }"
        }
        // Chosen last: a broker takes seconds to start, in which somebody else could take the port.
        let port = freePort()
        admin = .tcp(host: "127.0.0.1", port: port)
        head = "name: \(name)\nbroker: \(server)\nadmin: { listen: \"127.0.0.1:\(port)\" }\n"
        cleaner = try GuardedScript(
            """
            cat <&3 > /dev/null
            for attempt in $(seq 100); do
                left=$(grep -lzF "$1/state" /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | cut -d / -f 3 | sort -u)
                [ -z "$left" ] && break
                kill -s KILL $left 2>/dev/null
                sleep 0.1
            done
            rm -rf "$1"
            """, arguments: [folder], logFile: "/dev/null")
    }

    // MARK: - Up and down

    /// The whole file anew; nothing is applied.
    func write(_ services: String, rest: String = "") throws {
        try "\(head)services:\n\(services)\n\(rest)\n".write(toFile: topologyFile, atomically: true, encoding: .utf8)
    }

    var text: String {
        get throws { try String(contentsOfFile: topologyFile, encoding: .utf8) }
    }

    func edit(_ change: (String) -> String) throws {
        try change(text).write(toFile: topologyFile, atomically: true, encoding: .utf8)
    }

    /// `signalbox up`, for the first time or again.
    func start() throws {
        let command = surroundings.command(
            folder: folder, [Tool.executables.appending(path: "signalbox").path(), "up", "--file", topologyFile, "--state-dir", state])
        let script = try GuardedScript(
            """
            log=$1; shift
            "$@" >> "$log" 2>&1 3<&- & up=$!
            (read -r line <&3; kill -s INT $up) & reader=$!
            wait $up; status=$?
            kill $reader 2>/dev/null
            exit $status
            """, arguments: [folder + "/up.log"] + command, logFile: folder + "/shell.log")
        up.withLock { $0 = script }
    }

    func ready(within limit: Duration = startPatience) async throws {
        try await eventually(within: limit, "the topology's being ready") {
            guard hasEnded == false else { throw TestSupportError("signalbox up ended") }
            return (try? await client.send(.init(path: "/health/ready"), to: admin).status) == 200
        }
    }

    /// Whether `signalbox up` has ended.
    var hasEnded: Bool { up.withLock { $0?.status } != nil }

    /// Ctrl-C, and waits for the end of `signalbox up`.
    /// - Returns: its exit status.
    func stop() async throws -> Int32 {
        guard let up = up.withLock({ $0 }) else { return 0 }
        up.send("stop")
        try await eventually(within: Self.stopPatience, "the end of signalbox up") { up.status != nil }
        return up.status ?? -1
    }

    func signalbox(_ verb: String, _ arguments: String...) async throws -> Tool.Result {
        try await signalbox(verb, arguments)
    }

    func signalbox(_ verb: String, _ arguments: [String]) async throws -> Tool.Result {
        try await Tool.run(
            Tool.executables.appending(path: "signalbox").path(), [verb, "--file", topologyFile, "--state-dir", state] + arguments)
    }

    // MARK: - The admin endpoint

    func administer(_ method: String, _ path: String, _ json: String = "", within limit: Duration = .seconds(60)) async throws -> JSON {
        try JSON(parsing: try await text(of: path, method, json, within: limit))
    }

    func text(
        of path: String, _ method: String = "GET", _ json: String = "", within limit: Duration = .seconds(60)
    ) async throws -> String {
        let token = try String(contentsOfFile: state + "/admin.token", encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        let response = try await client.send(
            .init(
                method: method, path: path, headers: [("Authorization", "Bearer \(token)")], body: Array(json.utf8), timeout: limit),
            to: admin)
        guard response.status < 400 else { throw TestSupportError("\(method) \(path): \(response.status) \(response.text)") }
        return response.text
    }

    func status() async throws -> JSON { try await administer("GET", "/v1/services") }

    func service(_ name: String) async throws -> JSON { try await administer("GET", "/v1/services/\(name)") }

    func waitUntilReady(_ service: String, instances: Int? = nil, within limit: Duration = .seconds(30)) async throws {
        try await eventually(within: limit, "service \(service)'s being ready") {
            guard let status = try? await self.service(service) else { return false }
            return status["state"].string == "ready" && (instances == nil || status["ready"].int == instances)
        }
    }

    /// Whether a supervisor answers at this moment, and knows what runs.
    func answers() async -> Bool { (try? await status()) != nil }
}
