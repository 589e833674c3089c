import Foundation
import HTTPClient
import Testing
import TestSupport

extension Faults {
    /// Instances that come and go while they work lose no message, and none takes effect twice.
    @Suite struct ScaleFlapTests {
        private static let rest = """
            database: { managed: true }
            exchanges:
              ticks: { type: topic }
            queues:
              ticks:
                bindings: [{ exchange: ticks, key: tick }]
                consumer: count
                prefetch: 64
                retry: { immediate: 2, delays: [1s] }
            """
        private static let services = """
              tick:
                command: FaultTestConsumer tick \(FaultScale.isFull ? 500 : 200)
                depends_on: [broker, database]
                publishes: [ticks]
                readiness: { http: /health/ready, period: 100ms }
              count:
                command: FaultTestConsumer count
                depends_on: [broker, database]
                readiness: { http: /health/ready, period: 100ms }
                scale: { min: 1, max: 4 }
            """

        @Test func flappingLosesAndDoublesNoMessage() async throws {
            try await RunningTopology.run(Self.services, rest: Self.rest) { topology in
                for flap in 1...FaultScale.count(20, full: 200) {
                    _ = try await topology.administer("PUT", "/v1/services/count/scale", #"{"instances": 4}"#)
                    // At times before the new ones take work, at times after.
                    if flap % 2 == 0 { try await topology.waitUntilReady("count", instances: 4) }
                    _ = try await topology.administer("PUT", "/v1/services/count/scale", #"{"instances": 1}"#)
                }
                try await topology.waitUntilReady("count", instances: 1)
                _ = try await Self.ask("tick", "POST", "/silence", topology)
                let sent = try await Self.settled { try await Self.ask("tick", "GET", "/sent", topology)["sent"].int ?? 0 }
                var seen = JSON.null
                try await eventually(within: .seconds(120), "\(sent) messages' being counted; \(seen)") {
                    seen = try await Self.ask("count", "GET", "/seen", topology)
                    return seen["distinct"].int == sent
                }
                FaultScale.note("flaps: \(sent) messages sent, \(seen)")
                #expect(seen["seen"].int == sent)
                #expect(seen["instances"].int ?? 0 > 1)
                #expect(sent > 100)
            }
        }

        /// Asks the first instance of a service itself.
        private static func ask(_ service: String, _ method: String, _ path: String, _ topology: RunningTopology) async throws -> JSON {
            let port = try await topology.service(service)["instances"].array.first?["port"].int
            let response = try await HTTPClient().send(
                .init(method: method, path: path, timeout: .seconds(30)), to: .tcp(host: "127.0.0.1", port: try #require(port)))
            return response.body.isEmpty ? .null : try JSON(parsing: response.text)
        }

        /// Waits until a number no longer changes.
        private static func settled(_ number: () async throws -> Int) async throws -> Int {
            var last = -1
            try await eventually("a number that stays") {
                let now = try await number()
                defer { last = now }
                return now == last
            }
            return last
        }
    }
}
