/// What was sent and not confirmed, by the sequence numbers that broker and client count, from 1, on a channel in confirm mode.
struct ConfirmWindow<Element> {
    private var unsettled = NumberedQueue<Element>()
    private var lastSequence: UInt64 = 0

    /// Unsettled ones.
    var count: Int { unsettled.count }
    var isEmpty: Bool { unsettled.isEmpty }

    /// - Returns: the sequence number the broker will confirm it by.
    @discardableResult
    mutating func append(_ element: Element) -> UInt64 {
        lastSequence += 1
        unsettled.append(element, number: lastSequence)
        return lastSequence
    }

    /// - Parameter isMultiple: that one and all before it; 0 means all.
    /// - Returns: those that were not settled before, in order. Numbers that were never given out settle nothing.
    mutating func settle(_ sequence: UInt64, isMultiple: Bool) -> [Element] {
        guard sequence <= lastSequence else { return [] }
        guard isMultiple else { return unsettled.remove(sequence).map { [$0] } ?? [] }
        let last = sequence == 0 ? lastSequence : sequence
        var settled: [Element] = []
        while let first = unsettled.first, first.number <= last, let element = unsettled.popFirst() { settled.append(element) }
        return settled
    }

    /// The oldest unsettled element that satisfies the predicate.
    func first(where predicate: (Element) -> Bool) -> Element? {
        unsettled.elements.first(where: predicate)
    }

    /// The channel is gone: the numbers begin at 1 again.
    /// - Returns: what was not settled, in order.
    mutating func removeAll() -> [Element] {
        let rest = Array(unsettled.elements)
        self = ConfirmWindow()
        return rest
    }
}

extension ConfirmWindow: Sendable where Element: Sendable {}
