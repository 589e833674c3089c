import FoundationEssentials
import Logging

extension DeadLetterService {
    /// Bytes of an edited body.
    package static let longestBody = 4 << 20

    /// Any JSON.
    private struct AnyJSON: Decodable {
        init(from decoder: any Decoder) {}
    }

    package func edit(
        queue name: String?, id: String, body: [UInt8], isChecked: Bool, actor: String
    ) async throws(DeadLetterError) -> DeadLetterDetail {
        let (queue, entry) = try await find(queue: name, id: id)
        try refuseWhileReplayed(queue)
        guard body.count <= Self.longestBody else {
            throw DeadLetterError(.invalid, "the body has \(body.count) bytes; at most \(Self.longestBody) are possible")
        }
        let before = try detail(of: entry, in: queue)
        let original = before.originalBody ?? before.body
        let isJSON = before.contentType?.lowercased().contains("json") ?? false || Self.isJSON(Array(original.utf8))
        if isChecked, isJSON, !Self.isJSON(body) {
            throw DeadLetterError(.invalid, "the body of \(id) is JSON, and the new one is not; nothing has been changed")
        }
        guard body != Array(before.body.utf8) || before.isBase64 else { return before }
        try edits?.set(.init(queue: queue.name, key: entry.key, time: LetterTime.now, body: body))
        logger.notice("dead letter \(id) from \(queue.name) edited by \(actor)")
        return try detail(of: entry, in: queue)
    }

    package func revertEdit(queue name: String?, id: String, actor: String) async throws(DeadLetterError) -> DeadLetterDetail {
        let (queue, entry) = try await find(queue: name, id: id)
        try refuseWhileReplayed(queue)
        edits?.remove(queue: queue.name, entry.key)
        logger.notice("edit of dead letter \(id) from \(queue.name) taken back by \(actor)")
        return try detail(of: entry, in: queue)
    }

    /// It may be on its way with the old body.
    private func refuseWhileReplayed(_ queue: HeldQueue) throws(DeadLetterError) {
        guard let replay = queue.replayID else { return }
        throw DeadLetterError(
            .conflict, "dead letters are being sent back to \(queue.name) (replay \(replay)); try again when that is done")
    }

    private static func isJSON(_ bytes: [UInt8]) -> Bool {
        (try? JSONDecoder().decode(AnyJSON.self, from: Data(bytes))) != nil
    }
}
