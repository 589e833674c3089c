import DeadLetters
import Synchronization

/// Stands in for the dead letters: answers the same each time, and notes what it is asked.
final class FakeDeadLetters: DeadLetterControl {
    struct State {
        var calls: [String] = []
        var error: DeadLetterError?
    }

    private let state = Mutex(State())

    var calls: [String] { state.withLock { $0.calls } }
    func set(_ error: DeadLetterError?) { state.withLock { $0.error = error } }

    static let summary = DeadLetterSummary(
        id: "7", messageID: "7", queue: "order.events", type: "order.created", subject: "order-1", cause: "no stock", group: "0a1b2c3d",
        attempts: 3,
        firstFailedAt: "2026-11-21T12:00:00Z", bodyBytes: 2)
    static let detail = DeadLetterDetail(
        summary: summary, cause: "no stock", explanation: "why", messageID: "7", contentType: "application/json", correlationID: "c",
        source: "order", publishedAt: "2026-11-21T12:00:00Z", headers: ["a": "b"], body: "{}", editedAt: "2026-11-21T12:00:00Z",
        originalBody: "[]", before: ["6"])
    static let group = DeadLetterGroup(
        group: "0a1b2c3d", queue: "order.events", type: "order.created", cause: "no stock", count: 1, first: "2026-11-21T12:00:00Z",
        last: "2026-11-21T12:00:00Z", example: "7")
    static let overview = DeadLetterOverview(queues: [.init(queue: "order.events", count: 1)], groups: [group])
    static let status = ReplayStatus(id: "r", queue: "order.events", state: .running, total: 4, replayed: 3, reason: "why")

    static func report(isDryRun: Bool) -> ReplayReport {
        ReplayReport(queue: "order.events", count: 4, ids: ["7"], replay: isDryRun ? nil : status, replayed: isDryRun ? 0 : 3)
    }

    private func answer<T>(_ call: String, _ value: T) throws(DeadLetterError) -> T {
        let error = state.withLock {
            $0.calls.append(call)
            return $0.error
        }
        if let error { throw error }
        return value
    }

    func overview(queue: String?, _ selection: DeadLetterSelection) async throws(DeadLetterError) -> DeadLetterOverview {
        try answer("overview \(queue ?? "all") \(selection.cause ?? "")", Self.overview)
    }

    func letters(
        queue: String?, _ selection: DeadLetterSelection, offset: Int, limit: Int
    ) async throws(DeadLetterError) -> DeadLetterPage {
        try answer(
            "letters \(queue ?? "all") \(selection.group ?? "") \(offset) \(limit)", DeadLetterPage(letters: [Self.summary], total: 1))
    }

    func letter(queue: String?, id: String) async throws(DeadLetterError) -> DeadLetterDetail {
        try answer("letter \(queue ?? "any") \(id)", Self.detail)
    }

    func edit(queue: String?, id: String, body: [UInt8], isChecked: Bool, actor: String) async throws(DeadLetterError) -> DeadLetterDetail {
        try answer("edit \(queue ?? "any") \(id) \(body) \(isChecked) by \(actor)", Self.detail)
    }

    func revertEdit(queue: String?, id: String, actor: String) async throws(DeadLetterError) -> DeadLetterDetail {
        try answer("revert \(queue ?? "any") \(id)", Self.detail)
    }

    func replay(
        queue: String, _ selection: DeadLetterSelection, isForced: Bool, isDryRun: Bool, actor: String
    ) async throws(DeadLetterError) -> ReplayReport {
        try answer(
            "replay \(queue) \(selection.ids ?? []) \(selection.limit ?? 0) \(isForced ? "forced" : "") \(isDryRun ? "dry" : "")",
            Self.report(isDryRun: isDryRun))
    }

    func replay(id: String) async throws(DeadLetterError) -> ReplayStatus { try answer("replay \(id)", Self.status) }

    func discard(
        queue: String, _ selection: DeadLetterSelection, isDryRun: Bool, actor: String
    ) async throws(DeadLetterError) -> DiscardReport {
        try answer(
            "discard \(queue) \(selection.all ?? false) \(isDryRun ? "dry" : "")",
            DiscardReport(queue: queue, count: 1, ids: ["7"], isDryRun: isDryRun))
    }
}
