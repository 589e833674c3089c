import Foundation
import HTTPClient
import Logging
import Supervision
import TestSupport
import Testing
import Topology

@testable import Admin

@Suite struct PendingSupervisorTests {
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func whatIsNotKnownYetIsSaidToBeSo() async throws {
        let directory = try temporaryDirectory()
        defer { removeDirectory(directory) }
        let pending = PendingSupervisor()
        let server = AdminServer(
            configuration: AdminConfiguration(stateDirectory: directory, version: "1.2.3"), control: pending, logger: quiet)
        let (listening, continuation) = AsyncStream<ListenAddress>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.runSocket { continuation.yield($0) } }
            _ = await listening.first { _ in true }
            let socket = HTTPClient.Address.unix(path: directory + "/admin.sock")
            func send(_ method: String, _ path: String) async throws -> HTTPClient.Response {
                try await HTTPClient().send(HTTPClient.Request(method: method, path: path), to: socket)
            }
            let live = try await send("GET", "/health/live")
            #expect(live.status == 200)
            #expect(live.json["version"] as? String == "1.2.3")
            #expect(live.json["pid"] as? Int == Int(getpid()))
            let ready = try await send("GET", "/health/ready")
            #expect(ready.status == 503)
            #expect(ready.header("Retry-After") == "1")
            for (method, path) in [
                ("GET", "/v1/services"), ("POST", "/v1/services/order/stop"), ("POST", "/v1/shutdown"), ("GET", "/v1/logs"),
            ] {
                let answer = try await send(method, path)
                #expect(answer.status == 503, "\(path)")
                #expect(answer.header("Retry-After") == "1")
                #expect(answer.json["detail"] as? String != nil)
            }
            let control = FakeSupervisor()
            pending.replace(by: control)
            let known = try await send("GET", "/v1/services")
            #expect(known.status == 200)
            #expect(control.calls.isEmpty)
            group.cancelAll()
        }
    }

    @Test func itListensWhereTheLastOneDidBeforeTheTopologyIsKnown() async throws {
        let directory = try temporaryDirectory()
        defer { removeDirectory(directory) }
        try FileManager.default.createDirectory(atPath: directory + "/run", withIntermediateDirectories: true)
        let (one, two) = (ListenAddress.tcp(host: "127.0.0.1", port: freePort()), ListenAddress.tcp(host: "127.0.0.1", port: freePort()))
        func listens(declared: ListenAddress, expecting expected: [ListenAddress]) async throws {
            let server = AdminServer(
                configuration: AdminConfiguration(stateDirectory: directory, version: "1"), control: FakeSupervisor(), logger: quiet)
            let (listening, continuation) = AsyncStream<ListenAddress>.makeStream()
            let (known, tell) = AsyncStream<ListenAddress>.makeStream()
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await server.run(declared: {
                        guard let address = await known.first(where: { _ in true }) else { throw CancellationError() }
                        return address
                    }) { continuation.yield($0) }
                }
                var iterator = listening.makeAsyncIterator()
                for (index, address) in expected.enumerated() {
                    // The first comes before anything is declared, if there is a memory.
                    if index == expected.count - 1 { tell.yield(declared) }
                    #expect(await iterator.next() == address)
                }
                tell.finish()
                group.cancelAll()
            }
        }
        try await listens(declared: one, expecting: [one])
        try await listens(declared: two, expecting: [one, two])
        try await listens(declared: two, expecting: [two])
        #expect(ListenMemory.load(path: directory + "/run/admin.listen") == two)
        try Data("0.0.0.0\n9900\n".utf8).write(to: URL(filePath: directory + "/run/admin.listen"))
        #expect(ListenMemory.load(path: directory + "/run/admin.listen") == nil)
    }
}
