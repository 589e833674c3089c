/// The dead letters of one queue that are held, in the queue's order.
struct DeadLetterIndex {
    /// By position; nil was removed.
    private var slots: [LetterEntry?] = []
    /// By message id: where the first one stands, and the others.
    private var first: [String: Int] = [:]
    private var others: [String: [Int]] = [:]
    private(set) var count = 0
    private(set) var bytes = 0

    private static let compactAt = 4096

    var isEmpty: Bool { count == 0 }

    var entries: some Sequence<LetterEntry> { slots.lazy.compactMap { $0 } }

    mutating func append(_ entry: LetterEntry) {
        let position = slots.count
        slots.append(entry)
        count += 1
        bytes += entry.bodyBytes
        note(entry.key.messageID, position)
    }

    private mutating func note(_ id: String, _ position: Int) {
        if first[id] == nil { first[id] = position } else { others[id, default: []].append(position) }
    }

    private func positions(of id: String) -> [Int] {
        guard let position = first[id] else { return [] }
        return [position] + (others[id] ?? [])
    }

    /// All with this message id, in the queue's order.
    func entries(messageID: String) -> [LetterEntry] { positions(of: messageID).compactMap { slots[$0] } }

    /// - Parameter id: as it is shown: the message id; with `~` and eight digits where that does not name one alone.
    func entries(id: String) -> [LetterEntry] {
        let named = id.isEmpty ? [] : entries(messageID: id)
        guard named.isEmpty, let separator = id.lastIndex(of: LetterKey.separator) else { return named }
        return entries(messageID: String(id[..<separator])).filter { $0.key.fullID == id }
    }

    /// What it is shown as.
    func id(of entry: LetterEntry) -> String {
        let id = entry.key.messageID
        return id.isEmpty || others[id] != nil ? entry.key.fullID : id
    }

    /// The first one with this key.
    func entry(_ key: LetterKey) -> LetterEntry? {
        positions(of: key.messageID).lazy.compactMap { slots[$0] }.first { $0.key == key }
    }

    @discardableResult
    mutating func remove(_ key: LetterKey) -> LetterEntry? {
        let positions = positions(of: key.messageID)
        guard let position = positions.first(where: { slots[$0]?.key == key }), let entry = slots[position] else { return nil }
        slots[position] = nil
        count -= 1
        bytes -= entry.bodyBytes
        let rest = positions.filter { $0 != position }
        first[key.messageID] = rest.first
        others[key.messageID] = rest.count > 1 ? Array(rest.dropFirst()) : nil
        compact()
        return entry
    }

    private mutating func compact() {
        guard slots.count > Self.compactAt + 2 * count else { return }
        let kept = slots.compactMap { $0 }
        slots = kept
        first.removeAll(keepingCapacity: true)
        others.removeAll()
        for (position, entry) in kept.enumerated() { note(entry.key.messageID, position) }
    }
}
