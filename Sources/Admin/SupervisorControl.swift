package import Supervision

/// What the admin endpoint asks of the supervisor. Tests stand in for it.
package protocol SupervisorControl: Sendable {
    /// False while it is not known yet what is declared and what runs.
    var isKnown: Bool { get async }
    func status() async -> TopologyStatus
    func status(of service: String) async throws(SupervisorError) -> ServiceStatus
    /// The newest `limit` ones after `sequence`, oldest first.
    func transitions(after sequence: Int, limit: Int) async -> [TransitionRecord]
    /// The newest `limit` ones of a service, as far back as the audit log goes, oldest first.
    func history(of service: String, limit: Int) async throws(SupervisorError) -> [TransitionRecord]
    func follow() async -> AsyncStream<TransitionRecord>
    func scale(_ service: String, to instances: Int, actor: String) async throws(SupervisorError) -> ServiceStatus
    func start(_ service: String, actor: String) async throws(SupervisorError) -> ServiceStatus
    func stop(_ service: String, actor: String) async throws(SupervisorError) -> ServiceStatus
    func restart(_ service: String, actor: String) async throws(SupervisorError) -> ServiceStatus
    func plan() async throws(SupervisorError) -> ApplyPlan
    func apply(actor: String) async throws(SupervisorError) -> ApplyPlan
    /// Has another supervisor, of this executable, take this one's place.
    /// - Parameter executable: absolute; nil: the same path, where another file may be now.
    func upgrade(executable: String?, actor: String) async throws(SupervisorError)
    func queues() async throws(SupervisorError) -> [QueueStatus]
    func deadLetters(queue: String?, limit: Int) async throws(SupervisorError) -> [DeadLetterStatus]
    func replay(queue: String, limit: Int) async throws(SupervisorError) -> Int
    func logFiles(service: String?) async -> [LogFile]
    func shutdown(reason: String) async
}

extension SupervisorControl {
    package var isKnown: Bool { get async { true } }

    /// - Parameter service: nil: all.
    func transitions(after sequence: Int, limit: Int, of service: String?) async -> [TransitionRecord] {
        guard let service else { return await transitions(after: sequence, limit: limit) }
        let all = (try? await history(of: service, limit: limit)) ?? []
        return all.filter { $0.sequence > sequence }
    }
}

extension Supervisor: SupervisorControl {}
