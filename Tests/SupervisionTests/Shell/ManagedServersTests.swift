import Foundation
import Glibc
import Supervision
import TestSupport
import Testing

/// Everything managed: the private broker, database and cache as `deploy/run` brings them up.
@Suite(.timeLimit(.minutes(5)))
struct ManagedServersTests {
    @Test func serversComeUpAreAdoptedRestartedAndTakenDown() async throws {
        let signalbox = try RunningSignalbox { _ in
            """
            name: demo
            broker: { managed: true }
            database: { managed: true }
            cache: { managed: true }
            services:
              order:
                command: SupervisionTestHost serve
                depends_on: [broker, database, cache]
                publishes: [demo.events]
                readiness: { http: /ready }
            exchanges: { demo.events: { type: topic } }
            queues:
              order.events:
                bindings: [{ exchange: demo.events, key: a.b }]
                consumer: order
                retry: { immediate: 1, delays: [1s] }
            routes: [{ path: /order, service: order }]
            """
        }
        let status = try await signalbox.ready()
        let port = try #require(status.services.first { $0.name == "order" }?.instances.first?.port)
        let environment = try await environment(port)
        #expect(environment["AMQP_URL"]?.hasPrefix("amqp://order:") == true)
        #expect(environment["DATABASE_URL"]?.hasSuffix("/demo") == true)
        #expect(environment["REDIS_URL"]?.hasPrefix("redis://") == true)
        #expect(environment["SIGNALBOX_INSTANCE"] == "1")
        #expect(
            environment["SIGNALBOX_QUEUES"]
                == #"{"order.events":{"delays":[1],"immediate":1,"prefetch":32,"retry_exchange":"order.retry"}}"#)
        #expect(environment["SIGNALBOX_EVENTS_EXCHANGE"] == "demo.events")

        let queues = try await signalbox.order("queues", as: [QueueStatus].self)
        #expect(queues.map(\.name) == ["order.events"])

        kill(try await signalbox.supervisorPID(), SIGKILL)
        let after = try await signalbox.ready()
        #expect(after.services.map { $0.instances.map(\.pid) } == status.services.map { $0.instances.map(\.pid) })

        for server in ["cache", "database"] {
            _ = try await signalbox.order("restart \(server)")
            try await signalbox.ready()
        }
        let restarted = try await signalbox.status()
        #expect(restarted.services.first { $0.name == "order" } == status.services.first { $0.name == "order" })
        #expect(restarted.services.first { $0.name == "database" }?.instances.first?.pid != pid("database", status))
        let processes = restarted.services.flatMap { $0.instances.compactMap(\.pid) }.compactMap(ProcessIdentity.init)
        #expect(processes.count == 4)
        #expect(try await signalbox.stop() == 0)
        #expect(processes.filter(\.isAlive).isEmpty)
    }

    private func pid(_ service: String, _ status: TopologyStatus) -> Int? {
        status.services.first { $0.name == service }?.instances.first?.pid
    }

    private func environment(_ port: Int) async throws -> [String: String] {
        let body = try await HTTPText.get("/", port: port)
        var values: [String: String] = [:]
        for line in body.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
        }
        return values
    }
}
