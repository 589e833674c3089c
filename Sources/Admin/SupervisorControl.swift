package import DeadLetters
package import Supervision

/// What the admin endpoint asks of the supervisor. Tests stand in for it.
package protocol SupervisorControl: Sendable {
    /// False while it is not known yet what is declared and what runs.
    var isKnown: Bool { get async }
    func status() async -> TopologyStatus
    func status(of service: String) async throws(SupervisorError) -> ServiceStatus
    /// As far back as the audit log goes, oldest first: the first `limit` after `sequence`, or the newest `limit`.
    /// - Parameter service: nil: all.
    func transitions(of service: String?, after sequence: Int?, limit: Int) async -> [TransitionRecord]
    /// The newest `limit` ones of a service, as far back as the audit log goes, oldest first.
    func history(of service: String, limit: Int) async throws(SupervisorError) -> [TransitionRecord]
    func follow() async -> AsyncStream<TransitionRecord>
    func scale(_ service: String, to instances: Int, actor: String) async throws(SupervisorError) -> ServiceStatus
    func start(_ service: String, actor: String) async throws(SupervisorError) -> ServiceStatus
    func stop(_ service: String, actor: String) async throws(SupervisorError) -> ServiceStatus
    func restart(_ service: String, actor: String) async throws(SupervisorError) -> ServiceStatus
    /// - Parameter prunes: as if what is undeclared in the broker were to be deleted.
    func plan(prunes: Bool) async throws(SupervisorError) -> ApplyPlan
    /// - Parameter prunes: whether what is undeclared in the broker is deleted.
    func apply(actor: String, prunes: Bool) async throws(SupervisorError) -> ApplyPlan
    /// Has another supervisor, of this executable, take this one's place.
    /// - Parameter executable: absolute; nil: the same path, where another file may be now.
    func upgrade(executable: String?, actor: String) async throws(SupervisorError)
    func queues() async throws(SupervisorError) -> [QueueStatus]
    func deadLetters() async throws(SupervisorError) -> any DeadLetterControl
    func logFiles(service: String?) async -> [LogFile]
    func shutdown(reason: String) async
}

extension SupervisorControl {
    package var isKnown: Bool { get async { true } }
}

extension Supervisor: SupervisorControl {}
