import Logging

extension DeadLetterService {
    package func discard(
        queue name: String, _ selection: DeadLetterSelection, isDryRun: Bool, actor: String
    ) async throws(DeadLetterError) -> DiscardReport {
        guard !selection.isEmpty || selection.all == true || isDryRun else {
            throw DeadLetterError(.invalid, "nothing says which dead letters are meant; to discard all of \(name), say so with all")
        }
        let queue = try queue(name)
        try await requireLoaded(queue)
        if let replay = queue.replayID {
            throw DeadLetterError(
                .conflict, "dead letters are being sent back to \(queue.name) (replay \(replay)); try again when that is done")
        }
        let entries = try selection.entries(of: queue.index, queue: queue.name)
        let report = DiscardReport(
            queue: queue.name, count: entries.count, ids: entries.prefix(ReplayReport.shown).map(queue.index.id(of:)), isDryRun: isDryRun)
        guard !isDryRun, !entries.isEmpty else { return report }
        for entry in entries { await settle(entry.key, of: queue) }
        let isTold = await confirmSettled(queue)
        for entry in entries { edits?.remove(queue: queue.name, entry.key) }
        logger.notice("\(entries.count) dead letters from \(queue.name) discarded by \(actor)")
        guard isTold else {
            throw DeadLetterError(
                .broker,
                "the broker could not be told of all \(entries.count); those that are still there are listed again: discard them then")
        }
        return report
    }
}
