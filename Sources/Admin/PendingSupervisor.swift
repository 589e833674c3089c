package import DeadLetters
package import Supervision
import Synchronization

/// Stands in for a supervisor that has not come up yet, so that the admin endpoint listens before anything else is done; once there is one,
/// everything goes to it.
package final class PendingSupervisor: SupervisorControl {
    private static let reason = "the supervisor has only just begun"

    /// A supervisor that does not come up within this is stuck, and says so to whoever asks whether it lives.
    private static let patience = Duration.seconds(30)

    private let supervisor = Mutex<(any SupervisorControl)?>(nil)
    private let begin = ContinuousClock.now

    package init() {}

    /// To be called once it knows what is declared.
    package func replace(by supervisor: any SupervisorControl) { self.supervisor.withLock { $0 = supervisor } }

    private var current: (any SupervisorControl)? { supervisor.withLock { $0 } }

    private func known() throws(SupervisorError) -> any SupervisorControl {
        guard let current else { throw SupervisorError(.notReady, "\(Self.reason); try again in a moment") }
        return current
    }

    package var isKnown: Bool {
        get async { if let current { await current.isKnown } else { false } }
    }

    package func status() async -> TopologyStatus {
        if let current { return await current.status() }
        if begin.duration(to: .now) > Self.patience { try? await Task.sleep(for: Self.patience) }
        return TopologyStatus(name: "", state: .starting, reason: Self.reason, containment: "unknown")
    }

    package func status(of service: String) async throws(SupervisorError) -> ServiceStatus { try await known().status(of: service) }

    package func transitions(of service: String?, after sequence: Int?, limit: Int) async -> [TransitionRecord] {
        await current?.transitions(of: service, after: sequence, limit: limit) ?? []
    }

    package func history(of service: String, limit: Int) async throws(SupervisorError) -> [TransitionRecord] {
        try await known().history(of: service, limit: limit)
    }

    package func follow() async -> AsyncStream<TransitionRecord> { await current?.follow() ?? AsyncStream { $0.finish() } }

    package func scale(_ service: String, to instances: Int, actor: String) async throws(SupervisorError) -> ServiceStatus {
        try await known().scale(service, to: instances, actor: actor)
    }

    package func start(_ service: String, actor: String) async throws(SupervisorError) -> ServiceStatus {
        try await known().start(service, actor: actor)
    }

    package func stop(_ service: String, actor: String) async throws(SupervisorError) -> ServiceStatus {
        try await known().stop(service, actor: actor)
    }

    package func restart(_ service: String, actor: String) async throws(SupervisorError) -> ServiceStatus {
        try await known().restart(service, actor: actor)
    }

    package func plan(prunes: Bool) async throws(SupervisorError) -> ApplyPlan { try await known().plan(prunes: prunes) }
    package func apply(actor: String, prunes: Bool) async throws(SupervisorError) -> ApplyPlan {
        try await known().apply(actor: actor, prunes: prunes)
    }

    package func upgrade(executable: String?, actor: String) async throws(SupervisorError) {
        try await known().upgrade(executable: executable, actor: actor)
    }

    package func queues() async throws(SupervisorError) -> [QueueStatus] { try await known().queues() }

    package func deadLetters() async throws(SupervisorError) -> any DeadLetterControl { try await known().deadLetters() }

    package func logFiles(service: String?) async -> [LogFile] { await current?.logFiles(service: service) ?? [] }
    package func shutdown(reason: String) async { await current?.shutdown(reason: reason) }
}
