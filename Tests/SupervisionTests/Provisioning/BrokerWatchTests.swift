import BrokerTopology
import Foundation
import Glibc
import HTTPClient
@testable import Supervision
import TestSupport
import Testing

/// A supervisor with a private broker that somebody else meddles with.
@Suite(.timeLimit(.minutes(5)))
struct BrokerWatchTests {
    private static func topology(queueType: String = "quorum", key: String = "a.b") -> String {
        """
        name: demo
        broker: { managed: true }
        services:
          order:
            command: SupervisionTestHost serve
            depends_on: [broker]
            publishes: [demo.events]
            readiness: { http: /ready }
        exchanges: { demo.events: { type: topic } }
        queues:
          order.events:
            type: \(queueType)
            bindings: [{ exchange: demo.events, key: \(key) }]
            consumer: order
        routes: [{ path: /order, service: order }]
        """
    }

    @Test func whatSomebodyChangesIsFoundAndMendedWhenAsked() async throws {
        let signalbox = try RunningSignalbox { _ in Self.topology() }
        try await signalbox.ready()
        let broker = try Meddler(state: signalbox.state)
        func status(_ what: String, within limit: Duration = .seconds(10), _ isAsWanted: (BrokerStatus) -> Bool) async throws {
            var last: BrokerStatus?
            do {
                try await eventually(within: limit) {
                    last = try await signalbox.status().broker
                    return last.map(isAsWanted) ?? false
                }
            } catch {
                throw TestSupportError("\(what): \(last.map { "\($0)" } ?? "-")\n\(signalbox.supervisorLog)")
            }
        }
        try await status("as declared") { $0.isAsDeclared && $0.undeclared.isEmpty }

        // Drift: shown within 10 s, and left alone.
        try await broker.call("DELETE", "bindings/demo/e/demo.events/q/order.events/a.b")
        try await broker.call("PUT", "queues/demo/theirs", #"{"durable": true}"#)
        try await status("drift") {
            $0.differences == [#"order.events is not bound to demo.events by "a.b""#] && $0.undeclared == ["queue theirs"]
        }
        let plan = try await signalbox.order("plan", as: ApplyPlan.self)
        #expect(plan.broker == [#"bind order.events to demo.events by "a.b""#] && plan.undeclared == ["queue theirs"])
        _ = try await signalbox.order("apply")
        try await status("mended") { $0.isAsDeclared && $0.undeclared == ["queue theirs"] }

        // Deleted only when asked.
        let pruning = try await signalbox.order("plan prune", as: ApplyPlan.self)
        #expect(pruning.broker == ["delete the queue theirs"] && pruning.undeclared.isEmpty)
        _ = try await signalbox.order("apply prune")
        try await status("pruned") { $0.isAsDeclared && $0.undeclared.isEmpty }

        // Another type and another key, and a supervisor that dies in the midst of it.
        try await broker.call("PUT", "queues/demo/theirs", #"{"durable": true}"#)
        try await signalbox.write(topology: Self.topology(queueType: "classic", key: "c.d"))
        let migrating = try await signalbox.order("apply", as: ApplyPlan.self)
        #expect(migrating.broker.contains { $0.hasPrefix("migrate the queue order.events while services run: its type is quorum") })
        try await eventually(within: .seconds(30)) { try await broker.queueNames().contains("order.events.signalbox-migration") }
        kill(try await signalbox.supervisorPID(), SIGKILL)
        try await eventually(within: .seconds(60), "the migration") {
            // Between the old queue and the new one there is none.
            (try? await broker.call("GET", "queues/demo/order.events?columns=type"))?.contains("classic") == true
        }
        try await status("migrated", within: .seconds(60)) { $0.isAsDeclared }
        #expect(try await broker.queueNames() == ["order.events", "order.events.dead", "theirs"])
        #expect(try await broker.call("GET", "bindings/demo/e/demo.events/q/order.events").contains(#""routing_key":"c.d""#))
        #expect(try await signalbox.stop() == 0)
    }

    /// On a busy machine more than one is needed.
    private static let maximumKills = 5

    private func killBroker(of signalbox: RunningSignalbox, soAsToLoseLeadersBy broker: Meddler) async throws {
        let restarts = try await signalbox.status().services.first { $0.name == "broker" }?.instances.first?.restarts ?? 0
        // Declared a moment before the broker dies: one that nothing is bound to, and one into which something may have come.
        let declaration = #"{"durable": true, "arguments": {"x-queue-type": "quorum"}}"#
        for queue in ["order.events.dead", "order.events"] {
            try await broker.call("DELETE", "queues/demo/\(queue)")
            try await broker.call("PUT", "queues/demo/\(queue)", declaration)
            if queue == "order.events" {
                try await broker.call("POST", "bindings/demo/e/demo.events/q/\(queue)", #"{"routing_key": "a.b"}"#)
            }
        }
        try broker.killBroker()
        try await signalbox.service("broker", within: .seconds(90), "another process") {
            $0.state != .ready || $0.instances.first?.restarts ?? 0 > restarts
        }
        try await signalbox.ready()
    }

    @Test func aQueueThatLostItsLeaderIsToldAndDeclaredAnew() async throws {
        let signalbox = try RunningSignalbox { _ in Self.topology() }
        try await signalbox.ready()
        let broker = try Meddler(state: signalbox.state)
        var last: BrokerStatus?
        for _ in 1...Self.maximumKills where last?.problems.isEmpty != false {
            try await killBroker(of: signalbox, soAsToLoseLeadersBy: broker)
            // A broker that had time enough to write them down has both queues again: then it is killed once more.
            try? await eventually(within: .seconds(30)) {
                last = try await signalbox.status().broker
                return last?.problems.count == 1 && last?.differences.isEmpty == true
            }
        }
        #expect(last?.problems.first?.hasPrefix("queue order.events has no leader") == true, "\(last?.problems ?? [])")
        _ = try await signalbox.order("apply prune")
        try await eventually(within: .seconds(60)) {
            let status = try await signalbox.status().broker
            return status?.isAsDeclared == true
        }
        try await eventually(within: .seconds(20)) {
            try await broker.call("POST", "exchanges/demo/demo.events/publish", Meddler.message).contains("true")
        }
        #expect(try await signalbox.stop() == 0)
    }
}

/// Somebody with the administrator's password.
struct Meddler {
    static let message = #"{"properties": {"delivery_mode": 2}, "routing_key": "a.b", "payload": "x", "payload_encoding": "string"}"#

    private let ports: ServerPorts.Broker
    private let credentials: String

    init(state: String) throws {
        let directory = StateDirectory(path: state)
        guard let ports = try StateFile.readJSON(ServerPorts.self, from: directory.serverPorts)?.broker else {
            throw TestSupportError("there is no broker")
        }
        self.ports = ports
        let password = try SecretStore(folder: directory.secrets).secret("broker-administrator")
        credentials = Data("\(Servers.brokerAdministrator):\(password)".utf8).base64EncodedString()
    }

    @discardableResult
    func call(_ method: String, _ path: String, _ body: String = "") async throws -> String {
        var request = HTTPClient.Request(method: method, path: "/api/\(path)", body: Array(body.utf8), timeout: .seconds(20))
        request.headers = [("Authorization", "Basic \(credentials)"), ("Content-Type", "application/json")]
        let response = try await HTTPClient().send(request, to: .tcp(host: "127.0.0.1", port: ports.management))
        guard 200..<300 ~= response.status else { throw TestSupportError("\(method) \(path): \(response.status) \(response.text)") }
        return response.text
    }

    func queueNames() async throws -> [String] {
        struct Queue: Decodable { var name: String }

        let answer = try await call("GET", "queues/demo?columns=name")
        return try JSONDecoder().decode([Queue].self, from: Data(answer.utf8)).map(\.name).sorted()
    }

    /// SIGKILL to the Erlang machine that listens at our port: that of our own broker, which the supervisor started for this test.
    func killBroker() throws {
        for entry in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
            guard let process = pid_t(entry), (try? String(contentsOfFile: "/proc/\(entry)/comm", encoding: .utf8)) == "beam.smp\n",
                let environment = try? String(contentsOfFile: "/proc/\(entry)/environ", encoding: .utf8),
                environment.contains("RABBITMQ_DIST_PORT=\(ports.distribution)\0")
            else { continue }
            kill(process, SIGKILL)
            return
        }
        throw TestSupportError("the broker's process is not to be found")
    }
}
