import Foundation
import Glibc
import Supervision
import TestSupport
import Testing

/// The whole of keeper, supervisor and services, with a broker that is already there.
@Suite(.timeLimit(.minutes(5)))
struct SupervisorTests {
    private struct Running {
        let signalbox: RunningSignalbox
        let topology: String
    }

    private func start(_ services: String, rest: String = "") async throws -> Running {
        let broker = try await PrivateRabbitMQ.shared()
        let host = try await broker.makeVirtualHost()
        var topology = ""
        let signalbox = try RunningSignalbox { folder in
            try Data(broker.password.utf8).write(to: URL(filePath: "\(folder)/broker.secret"))
            topology = """
                name: \(host)
                broker: { url: "amqp://\(broker.user)@127.0.0.1:\(broker.port)/\(host)", password_file: broker.secret, management_url: "\(broker.managementURL)" }
                services:
                \(services)
                \(rest)
                """
            return topology
        }
        return Running(signalbox: signalbox, topology: topology)
    }

    private static let two = """
          order:
            command: SupervisionTestHost serve
            instances: 2
            depends_on: [broker]
            readiness: { http: /ready }
            stop: { grace: 3s }
            scale: { min: 0, max: 5 }
          payment:
            command: SupervisionTestHost serve
            depends_on: [order]
            readiness: { http: /ready, period: 200ms }
        """

    @Test func aSupervisorThatIsKilledFindsEverythingAgain() async throws {
        let running = try await start(Self.two, rest: "routes: [{ path: /order, service: order }]")
        let before = try await running.signalbox.ready()
        for _ in 0..<3 {
            let supervisor = try await running.signalbox.supervisorPID()
            kill(supervisor, SIGKILL)
            try await eventually("another supervisor") {
                [supervisor, nil].contains(try? await running.signalbox.supervisorPID()) == false
            }
            let after = try await running.signalbox.ready()
            #expect(processes(after) == processes(before))
        }
        #expect(try await running.signalbox.stop() == 0)
    }

    @Test func aServiceThatIsKilledIsBackWithinTwoSeconds() async throws {
        let running = try await start(Self.two)
        let before = try await running.signalbox.ready()
        let victim = try #require(before.services.first { $0.name == "payment" }?.instances.first?.pid)
        let start = ContinuousClock.now
        kill(pid_t(victim), SIGKILL)
        try await eventually("its replacement") {
            let payment = try await running.signalbox.service("payment")
            return payment.state == .ready && payment.instances.first?.pid != victim
        }
        #expect(start.duration(to: .now) < .seconds(2))
        let instance = try await running.signalbox.service("payment").instances.first
        #expect(instance?.restarts == 1)
        #expect(instance?.lastExit == "signal 9 (KILL)")
        #expect(try await running.signalbox.stop() == 0)
    }

    @Test func scalingIsWithinItsBoundsAndRemembered() async throws {
        let running = try await start(Self.two)
        let before = try await running.signalbox.ready()
        let three = try await running.signalbox.order("scale order 3", as: ServiceStatus.self)
        #expect(three.instances.count == 3 && three.state == .ready)
        #expect(Set(processes(before)).isSubset(of: Set(processes(try await running.signalbox.status()))))
        #expect(try await running.signalbox.order("scale order 6").hasPrefix("error: order can have 0 to 5 instances"))
        #expect(try await running.signalbox.order("scale nobody 1").hasPrefix("error: there is no service \"nobody\""))
        kill(try await running.signalbox.supervisorPID(), SIGKILL)
        try await eventually("three again") { (try? await running.signalbox.service("order"))?.ready == 3 }
        let none = try await running.signalbox.order("scale order 0", as: ServiceStatus.self)
        #expect(none.instances.isEmpty)
        #expect(try await running.signalbox.stop() == 0)
    }

    @Test func applyTouchesOnlyWhatDiffers() async throws {
        let running = try await start(Self.two)
        let before = try await running.signalbox.ready()
        #expect(try await running.signalbox.order("plan", as: ApplyPlan.self).services.allSatisfy { $0.action == .none })
        let changed = running.topology.replacing("depends_on: [order]", with: "depends_on: [order]\n    environment: { GREETING: hello }")
        try await running.signalbox.write(topology: changed)
        let plan = try await running.signalbox.order("plan", as: ApplyPlan.self)
        #expect(
            plan.services.filter { $0.action != .none } == [.init(service: "payment", action: .rolling, reasons: ["environment"])])
        #expect(plan.services.map(\.service) == ["broker", "order", "payment"])
        _ = try await running.signalbox.order("apply")
        try await eventually("another payment process") {
            let payment = try await running.signalbox.service("payment")
            return payment.state == .ready && payment.instances.first?.pid != pid("payment", before)
        }
        let after = try await running.signalbox.status()
        #expect(processes(after).filter { $0.hasPrefix("order") } == processes(before).filter { $0.hasPrefix("order") })

        try await running.signalbox.write(topology: changed + "\nnonsense: 1\n")
        #expect(try await running.signalbox.order("apply").hasPrefix("error:"))
        kill(try await running.signalbox.supervisorPID(), SIGKILL)
        try await eventually("the mistake is named") { try await running.signalbox.status().reason?.contains("nonsense") == true }
        try await running.signalbox.ready()
        #expect(processes(try await running.signalbox.status()) == processes(after))
        #expect(try await running.signalbox.stop() == 0)
    }

    @Test func aCommandThatIsNotThereIsAFailureWithItsReason() async throws {
        let running = try await start("  order: { command: no-such-program, depends_on: [broker] }")
        try await eventually(within: .seconds(60), "the failure") { try await running.signalbox.status().state == .failed }
        let order = try await running.signalbox.service("order")
        #expect(order.state == .failed)
        #expect(order.reason?.hasPrefix("command not found: no-such-program") == true)
        #expect(try await running.signalbox.stop() == 0)
    }

    @Test func aBrokenFileAtTheFirstStartStartsNothing() async throws {
        let signalbox = try RunningSignalbox { _ in "name: x\nservices: { a: { command: sleep 1, nonsense: 1 } }\n" }
        #expect(try await signalbox.exitStatus() == 78)
    }

    private func processes(_ status: TopologyStatus) -> [String] {
        status.services.flatMap { service in service.instances.compactMap { i in i.pid.map { "\(service.name)/\(i.instance) \($0)" } } }
    }

    private func pid(_ service: String, _ status: TopologyStatus) -> Int? {
        status.services.first { $0.name == service }?.instances.first?.pid
    }
}
