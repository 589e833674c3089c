extension DeadLetterService {
    package func overview(queue: String?, _ selection: DeadLetterSelection) async throws(DeadLetterError) -> DeadLetterOverview {
        let queues = try queues(queue)
        await waitUntilLoaded(queues)
        var overview = DeadLetterOverview(queues: [], groups: [])
        for queue in queues {
            overview.groups += DeadLetterGroup.groups(of: queue.index, queue: queue.name, selection: selection)
            let status = DeadLetterOverview.QueueStatus(
                queue: queue.name, count: queue.index.count, beyond: queue.beyond, isLoading: !queue.isLoaded, problem: queue.problem)
            overview.queues.append(status)
        }
        overview.groups.sort { ($1.count, $0.queue, $0.group) < ($0.count, $1.queue, $1.group) }
        overview.groups = Array(overview.groups.prefix(Self.shownGroups))
        return overview
    }

    package func letters(
        queue: String?, _ selection: DeadLetterSelection, offset: Int, limit: Int
    ) async throws(DeadLetterError) -> DeadLetterPage {
        let queues = try queues(queue)
        await waitUntilLoaded(queues)
        let ids = selection.ids.map(Set.init)
        var page = DeadLetterPage(letters: [], total: 0)
        for queue in queues {
            for entry in queue.index.entries where selection.contains(entry) {
                if let ids, !ids.contains(queue.index.id(of: entry)) { continue }
                if page.total >= offset, page.letters.count < limit { page.letters.append(summary(of: entry, in: queue)) }
                page.total += 1
            }
        }
        return page
    }

    package func letter(queue: String?, id: String) async throws(DeadLetterError) -> DeadLetterDetail {
        let (queue, entry) = try await find(queue: queue, id: id)
        return try detail(of: entry, in: queue)
    }

    func summary(of entry: LetterEntry, in queue: HeldQueue) -> DeadLetterSummary {
        DeadLetterSummary(
            id: queue.index.id(of: entry), messageID: entry.key.messageID.isEmpty ? nil : entry.key.messageID, queue: queue.name,
            type: entry.type, subject: entry.subject.isEmpty ? nil : entry.subject,
            cause: entry.cause, group: GroupID.text(entry.group), attempts: entry.attempts,
            firstFailedAt: entry.firstFailedAt.map(LetterTime.text), bodyBytes: entry.bodyBytes,
            isEdited: edits?.isEdited(queue: queue.name, entry.key) ?? false)
    }

    func detail(of entry: LetterEntry, in queue: HeldQueue) throws(DeadLetterError) -> DeadLetterDetail {
        guard let place = entry.place, let message = place.spool.message(at: place) else {
            throw DeadLetterError(
                .stateDirectory,
                "there was no room for the message in the state directory (\(folder)); it is safe in \(queue.deadLetterQueue), and shown when there is room"
            )
        }
        var before: [String] = []
        if !entry.subject.isEmpty {
            for other in queue.index.entries {
                if other.key == entry.key || before.count == ReplayReport.shown { break }
                if other.subject == entry.subject { before.append(queue.index.id(of: other)) }
            }
        }
        return DeadLetterDetail(
            summary(of: entry, in: queue), message, edit: edits?.edit(queue: queue.name, entry.key), before: before)
    }

    /// - Throws: `.notFound`; `.conflict` when there are several that differ.
    func find(queue name: String?, id: String) async throws(DeadLetterError) -> (HeldQueue, LetterEntry) {
        let queues = try queues(name)
        await waitUntilLoaded(queues)
        let holding = queues.filter { !$0.index.entries(id: id).isEmpty }
        guard let queue = holding.first else {
            let place = name.map { " from \($0)" } ?? ""
            throw DeadLetterError(.notFound, "there is no dead letter \(id)\(place); it may have been sent back or discarded")
        }
        guard holding.count == 1 else {
            let names = holding.map(\.name).joined(separator: ", ")
            throw DeadLetterError(.conflict, "there are dead letters \(id) from \(names): say from which queue")
        }
        let keys = try DeadLetterSelection.keys(of: id, in: queue.index, queue: queue.name)
        guard let key = keys.first, let entry = queue.index.entry(key) else {
            throw DeadLetterError(.notFound, "there is no dead letter \(id) from \(queue.name)")
        }
        return (queue, entry)
    }
}
