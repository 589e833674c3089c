import Admin
import FoundationEssentials
import Glibc
import HTTPClient
import Supervision
import Topology

/// Asks a running Signalbox by its Unix socket.
struct AdminClient: Sendable {
    /// A supervisor that was killed is back and listens within this.
    private static let patience = Duration.seconds(5)
    private static let retryInterval = Duration.milliseconds(100)
    private static let timeout = Duration.seconds(60)

    let location: TopologyLocation
    private let client = HTTPClient()

    init(_ location: TopologyLocation) { self.location = location }

    private var address: HTTPClient.Address { .unix(path: location.socketPath) }

    func get<T: Decodable>(_ path: String, as type: T.Type) async throws -> T {
        try decode(try await send("GET", path), as: type)
    }

    func post<T: Decodable>(_ path: String, as type: T.Type) async throws -> T {
        try decode(try await send("POST", path), as: type)
    }

    func post<T: Decodable>(_ path: String, _ body: some Encodable, as type: T.Type) async throws -> T {
        try decode(try await send("POST", path, body: Array(JSONEncoder().encode(body))), as: type)
    }

    /// Who answers, or nil while nobody does.
    func identityIfAnswered() async -> SupervisorIdentity? {
        let request = HTTPClient.Request(path: "/health/live", timeout: .seconds(2))
        guard let response = try? await client.send(request, to: address), response.status == 200 else { return nil }
        return try? JSONDecoder().decode(SupervisorIdentity.self, from: Data(response.body))
    }

    /// One portion of logs.
    func logs(_ path: String) async throws -> LogAnswer { try LogAnswer(try await send("GET", path)) }

    func put<T: Decodable>(_ path: String, _ body: some Encodable, as type: T.Type) async throws -> T {
        try decode(try await send("PUT", path, body: Array(JSONEncoder().encode(body))), as: type)
    }

    func delete<T: Decodable>(_ path: String, as type: T.Type) async throws -> T {
        try decode(try await send("DELETE", path), as: type)
    }

    /// The status, or nil while nobody answers: for those who ask again and again.
    func statusIfAnswered() async -> TopologyStatus? {
        let request = HTTPClient.Request(path: "/v1/services", timeout: .seconds(5))
        guard let response = try? await client.send(request, to: address), response.status == 200 else { return nil }
        return try? JSONDecoder().decode(TopologyStatus.self, from: Data(response.body))
    }

    /// Those after `sequence`, the first of them, or none while nobody answers. After 0: the newest.
    func transitionsIfAnswered(after sequence: Int) async -> [TransitionRecord] {
        let after = sequence > 0 ? "&after=\(sequence)" : ""
        let request = HTTPClient.Request(path: "/v1/events?limit=200\(after)", timeout: .seconds(5))
        guard let response = try? await client.send(request, to: address), response.status == 200 else { return [] }
        return (try? JSONDecoder().decode(TransitionList.self, from: Data(response.body)))?.events ?? []
    }

    /// Of the newest transition; 0 while nobody answers.
    func lastSequence() async -> Int {
        let request = HTTPClient.Request(path: "/v1/events?limit=1", timeout: .seconds(5))
        guard let response = try? await client.send(request, to: address), response.status == 200 else { return 0 }
        return (try? JSONDecoder().decode(TransitionList.self, from: Data(response.body)))?.events.last?.sequence ?? 0
    }

    /// The JSON of an answer, byte by byte: for --json.
    func text(_ path: String) async throws -> String { try await send("GET", path).text }

    /// An answer that goes on, line by line.
    func lines(_ path: String) async throws -> AsyncThrowingStream<String, any Error> {
        let request = HTTPClient.Request(
            path: path, headers: [("Accept", "text/event-stream")], timeout: .seconds(10), maximumBody: 1 << 20)
        let (head, lines) = try await patiently { try await client.stream(request, to: address) }
        guard head.status == 200 else {
            // The problem is short and comes whole; ask for it again in the ordinary way.
            _ = try await send("GET", path)
            throw CommandFailure("Signalbox answered with status \(head.status).")
        }
        return lines
    }

    private func send(_ method: String, _ path: String, body: [UInt8] = []) async throws -> HTTPClient.Response {
        let headers = body.isEmpty ? [] : [("Content-Type", "application/json")]
        let request = HTTPClient.Request(method: method, path: path, headers: headers, body: body, timeout: Self.timeout)
        let deadline = ContinuousClock.now + Self.patience
        while true {
            let response = try await patiently { try await client.send(request, to: address) }
            // A supervisor that has just begun does nothing until it knows what runs, and says so.
            if response.status == 503, response.header("Retry-After") != nil, .now < deadline {
                try await Task.sleep(for: Self.retryInterval)
                continue
            }
            guard response.status < 400 else { throw failure(response) }
            return response
        }
    }

    /// Asks again while the supervisor is being replaced. As long as nobody could be reached nothing has been asked, so nothing is done twice.
    private func patiently<T>(_ ask: () async throws -> T) async throws -> T {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            do {
                return try await ask()
            } catch let error as HTTPClientError {
                guard error.code == .cannotConnect, KeeperLock.isHeld(location.lockPath), .now < deadline else { throw unreachable(error) }
                try await Task.sleep(for: Self.retryInterval)
            }
        }
    }

    private func decode<T: Decodable>(_ response: HTTPClient.Response, as type: T.Type) throws -> T {
        do {
            return try JSONDecoder().decode(type, from: Data(response.body))
        } catch {
            throw CommandFailure(
                "Signalbox answered something that this version of the command line does not understand (\(error)). "
                    + "Is the one that runs another version? Restart it with: signalbox down && signalbox up")
        }
    }

    private func failure(_ response: HTTPClient.Response) -> CommandFailure {
        guard let problem = try? JSONDecoder().decode(ProblemDocument.self, from: Data(response.body)) else {
            return CommandFailure("Signalbox answered with status \(response.status).")
        }
        // A hint that names another call is for those who speak HTTP.
        let hints = [problem.hint].compactMap { $0 }.filter { !$0.hasPrefix("GET ") }
        let mistakes = (problem.mistakes ?? []).map(\.description)
        let words = [problem.detail] + mistakes + hints
        return CommandFailure(
            words.joined(separator: "\n"), status: mistakes.isEmpty ? CommandFailure.failed : CommandFailure.configuration)
    }

    private func unreachable(_ error: HTTPClientError) -> CommandFailure {
        if access(location.socketPath, F_OK) == 0, access(location.socketPath, W_OK) != 0 {
            return CommandFailure(
                "You may not use \(location.socketPath): it belongs to the user that runs Signalbox. Run the command as that user, or with sudo."
            )
        }
        if KeeperLock.isHeld(location.lockPath) {
            return CommandFailure(
                "Signalbox runs for \(location.shownFile), but its supervisor does not answer at \(location.socketPath): \(error.message). "
                    + "Its log is \(location.logDirectory); if it stays so, stop it with: signalbox down", isOfConnection: true)
        }
        return CommandFailure(
            "No Signalbox is running for \(location.shownFile) (no admin socket at \(location.socketPath)). Start it with: signalbox up")
    }
}
