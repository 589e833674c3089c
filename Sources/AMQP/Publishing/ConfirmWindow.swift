/// What was sent and not confirmed, by the sequence numbers that broker and client count, from 1, on a channel in confirm mode.
struct ConfirmWindow<Element> {
    /// The slot of `firstSequence` stands at `head`; nil is settled.
    private var slots: [Element?] = []
    private var head = 0
    private var firstSequence: UInt64 = 1
    /// Unsettled ones.
    private(set) var count = 0

    private static var compactAt: Int { 1024 }

    var isEmpty: Bool { count == 0 }

    /// - Returns: the sequence number the broker will confirm it by.
    @discardableResult
    mutating func append(_ element: Element) -> UInt64 {
        slots.append(element)
        count += 1
        return firstSequence + UInt64(slots.count - head) - 1
    }

    /// - Parameter isMultiple: that one and all before it; 0 means all.
    /// - Returns: those that were not settled before, in order. Numbers that were never given out settle nothing.
    mutating func settle(_ sequence: UInt64, isMultiple: Bool) -> [Element] {
        let end = slots.count - head
        guard let index = isMultiple && sequence == 0 ? end - 1 : index(of: sequence), index >= 0, index < end else { return [] }
        var settled: [Element] = []
        for slot in (isMultiple ? head : head + index)...(head + index) {
            guard let element = slots[slot] else { continue }
            settled.append(element)
            slots[slot] = nil
        }
        count -= settled.count
        dropSettled()
        return settled
    }

    /// Changes the oldest unsettled element that satisfies the predicate.
    mutating func updateFirst(where predicate: (Element) -> Bool, _ change: (inout Element) -> Void) -> Bool {
        for slot in head..<slots.count {
            guard var element = slots[slot], predicate(element) else { continue }
            change(&element)
            slots[slot] = element
            return true
        }
        return false
    }

    /// The channel is gone: the numbers begin at 1 again.
    /// - Returns: what was not settled, in order.
    mutating func removeAll() -> [Element] {
        let rest = slots[head...].compactMap(\.self)
        self = ConfirmWindow()
        return rest
    }

    private func index(of sequence: UInt64) -> Int? {
        sequence >= firstSequence ? Int(exactly: sequence - firstSequence) : nil
    }

    private mutating func dropSettled() {
        while head < slots.count, slots[head] == nil {
            head += 1
            firstSequence += 1
        }
        if head == slots.count || head >= Self.compactAt {
            slots.removeFirst(head)
            head = 0
        }
    }
}

extension ConfirmWindow: Sendable where Element: Sendable {}
