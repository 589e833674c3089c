/// The letters of a replay in the order in which they are to arrive, and which of them may be on their way together.
///
/// A batch holds no two of one subject, and the next one begins when all of it is settled: so one that the broker refuses is tried again
/// before any later one of its subject is sent.
struct ReplayLine<Element> {
    private struct Item {
        var element: Element
        var subject: String
    }

    private var waiting: ArraySlice<Item> = []
    private var inFlight: [Item] = []

    init(_ elements: [Element], subject: (Element) -> String) {
        waiting = elements.map { Item(element: $0, subject: subject($0)) }[...]
    }

    var isDone: Bool { waiting.isEmpty && inFlight.isEmpty }

    /// What to send next; only to be called when the batch before is settled.
    mutating func nextBatch(atMost limit: Int) -> [Element] {
        precondition(inFlight.isEmpty, "the batch before is not settled")
        var subjects: Set<String> = []
        while inFlight.count < limit, let item = waiting.first {
            guard item.subject.isEmpty || subjects.insert(item.subject).inserted else { break }
            inFlight.append(item)
            waiting.removeFirst()
        }
        return inFlight.map(\.element)
    }

    /// - Parameter unconfirmed: the places in the batch of those that are to be sent again.
    mutating func settled(unconfirmed: [Int]) {
        let again = unconfirmed.sorted().filter(inFlight.indices.contains).map { inFlight[$0] }
        inFlight = []
        if !again.isEmpty { waiting = (again + waiting)[...] }
    }
}
