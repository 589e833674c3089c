package import Supervision

/// What the admin endpoint asks of the supervisor. Tests stand in for it.
package protocol SupervisorControl: Sendable {
    func status() async -> TopologyStatus
    func status(of service: String) async throws(SupervisorError) -> ServiceStatus
    /// The newest `limit` ones after `sequence`, oldest first.
    func transitions(after sequence: Int, limit: Int) async -> [TransitionRecord]
    func follow() async -> AsyncStream<TransitionRecord>
    func scale(_ service: String, to instances: Int, actor: String) async throws(SupervisorError) -> ServiceStatus
    func start(_ service: String, actor: String) async throws(SupervisorError) -> ServiceStatus
    func stop(_ service: String, actor: String) async throws(SupervisorError) -> ServiceStatus
    func restart(_ service: String, actor: String) async throws(SupervisorError) -> ServiceStatus
    func plan() async throws(SupervisorError) -> ApplyPlan
    func apply(actor: String) async throws(SupervisorError) -> ApplyPlan
    func queues() async throws(SupervisorError) -> [QueueStatus]
    func deadLetters(queue: String?, limit: Int) async throws(SupervisorError) -> [DeadLetterStatus]
    func replay(queue: String, limit: Int) async throws(SupervisorError) -> Int
    func logFiles(service: String?) async -> [LogFile]
    func shutdown(reason: String) async
}

extension Supervisor: SupervisorControl {}
