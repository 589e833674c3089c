import Foundation
import HTTPClient
import Logging
import TestSupport
import Testing
import Topology

@testable import Admin

/// A real admin endpoint on a free port and a socket in a folder of its own, for as long as a test needs it.
struct RunningAdmin: Sendable {
    let control: FakeSupervisor
    let directory: String
    let port: Int
    let token: String
    private let client = HTTPClient()

    var socket: HTTPClient.Address { .unix(path: directory + "/admin.sock") }
    var tcp: HTTPClient.Address { .tcp(host: "127.0.0.1", port: port) }

    static func with(_ test: @escaping @Sendable (RunningAdmin) async throws -> Void) async throws {
        let directory = try temporaryDirectory()
        defer { removeDirectory(directory) }
        let control = FakeSupervisor()
        let server = AdminServer(
            configuration: AdminConfiguration(stateDirectory: directory, version: "1.2.3"),
            control: control, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let (listening, continuation) = AsyncStream<ListenAddress>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.runSocket { continuation.yield($0) } }
            group.addTask { try await server.run(declared: { .tcp(host: "127.0.0.1", port: 0) }) { continuation.yield($0) } }
            group.addTask {
                var port: Int?
                var hasSocket = false
                for await address in listening {
                    switch address {
                    case .tcp(_, let bound): port = bound
                    case .unix: hasSocket = true
                    }
                    if port != nil, hasSocket { break }
                }
                let token = try String(contentsOfFile: directory + "/admin.token", encoding: .utf8).trimmingCharacters(in: .newlines)
                try await test(RunningAdmin(control: control, directory: directory, port: #require(port), token: token))
            }
            try await group.next()
            group.cancelAll()
        }
    }

    /// Over TCP with the token, unless `headers` say otherwise.
    func send(
        _ method: String = "GET", _ path: String, body: String = "", headers: [(String, String)]? = nil,
        to address: HTTPClient.Address? = nil, timeout: Duration = .seconds(20)
    ) async throws -> HTTPClient.Response {
        let request = HTTPClient.Request(
            method: method, path: path, headers: headers ?? [("Authorization", "Bearer \(token)")], body: Array(body.utf8),
            timeout: timeout)
        return try await client.send(request, to: address ?? tcp)
    }

    func expect(
        _ status: Int, _ method: String, _ path: String, body: String = "", headers: [(String, String)]? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let answer = try await send(method, path, body: body, headers: headers)
        #expect(answer.status == status, "\(answer.text)", sourceLocation: sourceLocation)
    }

    func stream(_ path: String, headers: [(String, String)] = []) async throws -> AsyncThrowingStream<String, any Error> {
        let request = HTTPClient.Request(path: path, headers: [("Authorization", "Bearer \(token)")] + headers)
        return try await client.stream(request, to: tcp).lines
    }
}

extension HTTPClient.Response {
    var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]) ?? [:] }
}
