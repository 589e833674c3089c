import Foundation
import Logging
import Synchronization
import TestSupport
import Testing
import Topology

@testable import Gateway

struct ConfigurationFileTests {
    private final class Seen: Sendable {
        let routes = Mutex<[Int]>([])
    }

    private func write(_ configuration: GatewayConfiguration, to path: String) throws {
        try JSONEncoder().encode(configuration).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    @Test func everyReplacementIsSeenAndABrokenOneChangesNothing() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let path = "\(folder)/gateway.json"
        let file = ConfigurationFile(path: path, logger: Logger(label: "test"))
        #expect(file.read() == nil)
        let seen = Seen()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await file.watch { configuration in seen.routes.withLock { $0.append(configuration.routes.count) } } }
            try write(.service("/a", ports: [1]), to: path)
            try await eventually { seen.routes.withLock { $0 } == [1] }
            try "{".write(toFile: path, atomically: true, encoding: .utf8)
            try await eventually { file.read() == nil }
            try write(.service("a", ports: [1]), to: path)
            var two = GatewayConfiguration.service("/a", ports: [1])
            two.routes += two.routes
            try write(two, to: path)
            try await eventually { seen.routes.withLock { $0 } == [1, 2] }
            group.cancelAll()
        }
    }

    @Test func settings() throws {
        let base = ["SIGNALBOX_GATEWAY_CONFIGURATION": "/x", "PORT": "8080"]
        let plain = try GatewaySettings(base)
        #expect(plain.port == 8080)
        #expect(plain.descriptors.isEmpty)
        let full = try GatewaySettings(
            base.merging([
                "LISTEN_FDS": "2", "LISTEN_PID": "77", "SIGNALBOX_EVENTS_EXCHANGE": "shop.events", "SIGNALBOX_CACHE_EVENTS": "a.b, c.d",
                "SIGNALBOX_INSTANCE": "2",
            ]) { $1 }, process: 77)
        #expect(full.descriptors == [3, 4])
        #expect(full.eventExchanges == ["shop.events"])
        #expect(full.eventTypes == ["a.b", "c.d"])
        #expect(full.instance == "2")
        #expect(throws: GatewayError.self) { try GatewaySettings(["PORT": "1"]) }
        #expect(throws: GatewayError.self) { try GatewaySettings(["SIGNALBOX_GATEWAY_CONFIGURATION": "/x"]) }
        #expect(throws: GatewayError.self) { try GatewaySettings(base.merging(["PORT": "x"]) { $1 }) }
    }
}
