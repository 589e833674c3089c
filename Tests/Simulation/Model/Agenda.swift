/// What is to happen in the simulated world, by time; what is due at the same time comes in the order in which it was planned.
struct Agenda {
    struct Entry {
        var time: Duration
        var order: Int
        var occurrence: Occurrence
    }

    private var heap: [Entry] = []
    private var planned = 0

    var first: Duration? { heap.first?.time }
    var isEmpty: Bool { heap.isEmpty }

    mutating func plan(_ occurrence: Occurrence, at time: Duration) {
        planned += 1
        heap.append(Entry(time: time, order: planned, occurrence: occurrence))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard Self.precedes(heap[child], heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func next() -> Entry? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var parent = 0
        while true {
            var least = 2 * parent + 1
            guard least < heap.count else { break }
            if least + 1 < heap.count, Self.precedes(heap[least + 1], heap[least]) { least += 1 }
            guard Self.precedes(heap[least], heap[parent]) else { break }
            heap.swapAt(least, parent)
            parent = least
        }
        return first
    }

    private static func precedes(_ left: Entry, _ right: Entry) -> Bool { (left.time, left.order) < (right.time, right.order) }
}
