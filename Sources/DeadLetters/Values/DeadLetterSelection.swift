/// Which dead letters of a queue are meant: those that satisfy all that is given, in the queue's order.
package struct DeadLetterSelection: Codable, Sendable, Equatable {
    /// As they are shown in lists.
    package var ids: [String]?
    package var group: String?
    package var type: String?
    /// A part of the cause, letter for letter.
    package var cause: String?
    package var subject: String?
    /// Only the first so many of them.
    package var limit: Int?
    /// Has to be said where nothing else is and it is more than looking.
    package var all: Bool?

    package init(
        ids: [String]? = nil, group: String? = nil, type: String? = nil, cause: String? = nil, subject: String? = nil, limit: Int? = nil,
        all: Bool? = nil
    ) {
        self.ids = ids
        self.group = group
        self.type = type
        self.cause = cause
        self.subject = subject
        self.limit = limit
        self.all = all
    }

    /// Nothing is named: all of them.
    package var isEmpty: Bool { ids == nil && group == nil && type == nil && cause == nil && subject == nil && limit == nil }

    func contains(_ entry: LetterEntry) -> Bool {
        (type.map { $0 == entry.type } ?? true) && (group.map { $0.lowercased() == GroupID.text(entry.group) } ?? true)
            && (subject.map { $0 == entry.subject } ?? true) && (cause.map { entry.cause.contains($0) } ?? true)
    }

    /// - Throws: `.notFound` and `.conflict` for ids that name none, or several that differ.
    func entries(of index: DeadLetterIndex, queue: String) throws(DeadLetterError) -> [LetterEntry] {
        var chosen = index.entries.filter(contains)
        if let ids {
            var keys: Set<LetterKey> = []
            for id in ids { keys.formUnion(try Self.keys(of: id, in: index, queue: queue)) }
            chosen = chosen.filter { keys.contains($0.key) }
        }
        return limit.map { Array(chosen.prefix($0)) } ?? chosen
    }

    static func keys(of id: String, in index: DeadLetterIndex, queue: String) throws(DeadLetterError) -> Set<LetterKey> {
        let found = Set(index.entries(id: id).map(\.key))
        guard !found.isEmpty else {
            throw DeadLetterError(.notFound, "there is no dead letter \(id) from \(queue); it may have been sent back or discarded")
        }
        guard found.count == 1 else {
            let ids = found.map(\.fullID).sorted().joined(separator: ", ")
            throw DeadLetterError(
                .conflict, "\(found.count) different dead letters from \(queue) have the message id \(id): name one of \(ids)")
        }
        return found
    }
}
