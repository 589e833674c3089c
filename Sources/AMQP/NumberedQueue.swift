/// Elements with ascending numbers, taken out in any order.
///
/// Its memory is bound by what is in it, however long one element stays while later ones come and go. Taking out takes constant time where
/// the numbers have no gaps, and logarithmic time otherwise.
struct NumberedQueue<Element> {
    fileprivate struct Slot {
        let number: UInt64
        /// Nil was taken out.
        var element: Element?
    }

    /// From `head` on.
    private var slots: [Slot] = []
    private var head = 0
    private(set) var count = 0

    private static var compactAt: Int { 1024 }

    var isEmpty: Bool { count == 0 }
    /// Slots that take memory.
    var capacity: Int { slots.capacity }

    /// The one with the lowest number.
    var first: (number: UInt64, element: Element)? {
        guard head < slots.count, let element = slots[head].element else { return nil }
        return (slots[head].number, element)
    }

    /// A no-op unless the number is higher than all before.
    mutating func append(_ element: Element, number: UInt64) {
        if let last = slots.last, number <= last.number { return }
        slots.append(Slot(number: number, element: element))
        count += 1
    }

    mutating func remove(_ number: UInt64) -> Element? {
        guard let index = index(of: number), let element = slots[index].element else { return nil }
        slots[index].element = nil
        count -= 1
        compact()
        return element
    }

    /// - Returns: whether there is one with this number.
    mutating func update(_ number: UInt64, _ change: (inout Element) -> Void) -> Bool {
        guard let index = index(of: number), var element = slots[index].element else { return false }
        change(&element)
        slots[index].element = element
        return true
    }

    mutating func popFirst() -> Element? {
        guard let first else { return nil }
        slots[head].element = nil
        count -= 1
        compact()
        return first.element
    }

    /// What is there, by number.
    var elements: some Sequence<Element> { slots[head...].lazy.compactMap(\.element) }

    private func index(of number: UInt64) -> Int? {
        guard head < slots.count, number >= slots[head].number else { return nil }
        // Where it stands when there are no gaps.
        if let distance = Int(exactly: number - slots[head].number), distance < slots.count - head,
            slots[head + distance].number == number
        {
            return head + distance
        }
        var (low, high) = (head, slots.count)
        while low < high {
            let middle = (low + high) / 2
            if slots[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < slots.count && slots[low].number == number ? low : nil
    }

    /// Afterwards the head, where there is one, is not taken out.
    private mutating func compact() {
        while head < slots.count, slots[head].element == nil { head += 1 }
        if head == slots.count {
            slots.removeAll(keepingCapacity: head <= Self.compactAt * 4)
            head = 0
        } else if slots.count > Self.compactAt + 2 * count {
            slots.removeAll { $0.element == nil }
            head = 0
        }
    }
}

extension NumberedQueue: Sendable where Element: Sendable {}
extension NumberedQueue.Slot: Sendable where Element: Sendable {}
