import Admin
import DeadLetters
import Supervision
import Synchronization
import Topology

/// Stands in for the supervisor: answers what it is told to, and notes what it is asked.
final class FakeSupervisor: SupervisorControl {
    struct State {
        var status = FakeSupervisor.shop(state: .ready)
        var calls: [String] = []
        var error: SupervisorError?
        var transitions: [TransitionRecord] = []
        var followers: [AsyncStream<TransitionRecord>.Continuation] = []
        var logFiles: [LogFile] = []
        var isStuck = false
    }

    private let state = Mutex(State())
    let letters = FakeDeadLetters()

    func set<T>(_ keyPath: any WritableKeyPath<State, T> & Sendable, _ value: sending T) { state.withLock { $0[keyPath: keyPath] = value } }
    var calls: [String] { state.withLock { $0.calls } }

    func happen(_ transition: TransitionRecord) {
        state.withLock {
            $0.transitions.append(transition)
            for follower in $0.followers { follower.yield(transition) }
        }
    }

    func status() async -> TopologyStatus {
        if state.withLock({ $0.isStuck }) { try? await Task.sleep(for: .seconds(60)) }
        return state.withLock { $0.status }
    }

    func status(of service: String) async throws(SupervisorError) -> ServiceStatus {
        guard let found = await status().services.first(where: { $0.name == service }) else {
            throw SupervisorError(.unknownService, "there is no service \(service)")
        }
        return found
    }

    func transitions(of service: String?, after sequence: Int?, limit: Int) async -> [TransitionRecord] {
        let all = state.withLock { $0.transitions.filter { service == nil || $0.service == service } }
        return sequence.map { sequence in Array(all.filter { $0.sequence > sequence }.prefix(limit)) } ?? all.suffix(limit)
    }

    func history(of service: String, limit: Int) async throws(SupervisorError) -> [TransitionRecord] {
        state.withLock { $0.transitions.filter { $0.service == service }.suffix(limit) }
    }

    func upgrade(executable: String?, actor: String) async throws(SupervisorError) {
        _ = try check("upgrade \(executable ?? "in place") by \(actor)", true)
    }

    func follow() async -> AsyncStream<TransitionRecord> {
        let (stream, continuation) = AsyncStream<TransitionRecord>.makeStream()
        state.withLock { $0.followers.append(continuation) }
        return stream
    }

    private func act(_ call: String, on service: String) async throws(SupervisorError) -> ServiceStatus {
        let error = state.withLock {
            $0.calls.append(call)
            return $0.error
        }
        if let error { throw error }
        return try await status(of: service)
    }

    func scale(_ service: String, to instances: Int, actor: String) async throws(SupervisorError) -> ServiceStatus {
        try await act("scale \(service) \(instances) by \(actor)", on: service)
    }
    func start(_ service: String, actor: String) async throws(SupervisorError) -> ServiceStatus {
        try await act("start \(service)", on: service)
    }
    func stop(_ service: String, actor: String) async throws(SupervisorError) -> ServiceStatus {
        try await act("stop \(service)", on: service)
    }
    func restart(_ service: String, actor: String) async throws(SupervisorError) -> ServiceStatus {
        try await act("restart \(service)", on: service)
    }

    func plan(prunes: Bool) async throws(SupervisorError) -> ApplyPlan {
        try check(prunes ? "plan, pruning" : "plan", ApplyPlan(notes: ["a note"]))
    }
    func apply(actor: String, prunes: Bool) async throws(SupervisorError) -> ApplyPlan {
        try check(prunes ? "apply, pruning" : "apply", ApplyPlan())
    }
    func queues() async throws(SupervisorError) -> [QueueStatus] { try check("queues", [Self.queue]) }
    func deadLetters() async throws(SupervisorError) -> any DeadLetterControl { try check("dead letters", letters) }
    func logFiles(service: String?) async -> [LogFile] { state.withLock { $0.logFiles }.filter { service == nil || $0.service == service } }
    func shutdown(reason: String) async { state.withLock { $0.calls.append("shutdown \(reason)") } }

    private func check<T>(_ call: String, _ value: T) throws(SupervisorError) -> T {
        let error = state.withLock {
            $0.calls.append(call)
            return $0.error
        }
        if let error { throw error }
        return value
    }

    static let queue = QueueStatus(name: "order.events", consumer: "order", ready: 5, unacknowledged: 2, consumers: 1, retrying: 3, dead: 4)

    static func shop(state: TopologyStatus.State) -> TopologyStatus {
        TopologyStatus(
            name: "shop", state: state, reason: state == .ready ? nil : "order waits for database", containment: "cgroup2",
            addresses: [
                "gateway": "http://127.0.0.1:8080", "admin": "http://127.0.0.1:9900", "dashboard": "http://127.0.0.1:9900/",
            ],
            services: [
                ServiceStatus(
                    name: "broker", kind: .server, state: .ready, desired: 1, ready: 1,
                    instances: [InstanceStatus(instance: 1, state: "ready", pid: 101, port: 20001)]),
                ServiceStatus(
                    name: "order", kind: .service, state: state == .ready ? .ready : .waiting,
                    reason: state == .ready ? nil : "waits for database", desired: 2, ready: state == .ready ? 2 : 0,
                    instances: [
                        InstanceStatus(instance: 1, state: "ready", pid: 102, port: 20002, restarts: 3, lastExit: "signal 9"),
                        InstanceStatus(instance: 2, state: "ready", pid: 103, port: 20003),
                    ]),
            ])
    }

    static func transition(_ sequence: Int) -> TransitionRecord {
        TransitionRecord(
            sequence: sequence, time: "2026-11-21T12:00:0\(sequence % 10).000000Z", service: "order", instance: 1, from: "starting",
            to: "ready",
            cause: "its readiness probe succeeded", evidence: "status 200", actor: "signalbox")
    }
}
