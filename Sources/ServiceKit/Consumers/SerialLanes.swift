/// Lanes in which items pass one at a time, in their order, beside any number of other lanes. A lane exists while something is in it.
///
/// It needs no bound of its own: the consumer's prefetch bounds what can be in all lanes together.
struct SerialLanes<Lane: Hashable & Sendable, Item: Sendable>: Sendable {
    private var waiting: [Lane: [Item]] = [:]

    /// - Returns: the item if the lane was free, so that its caller works on it now and calls `leave` after; nil when it waits for its turn.
    mutating func enter(_ item: Item, lane: Lane) -> Item? {
        guard waiting[lane] == nil else {
            waiting[lane]?.append(item)
            return nil
        }
        waiting[lane] = []
        return item
    }

    /// The item before it is done.
    ///
    /// - Returns: the next in the lane, to be worked on now; nil when the lane is free again.
    mutating func leave(_ lane: Lane) -> Item? {
        guard let next = waiting[lane]?.first else {
            waiting[lane] = nil
            return nil
        }
        waiting[lane]?.removeFirst()
        return next
    }

    var isEmpty: Bool { waiting.isEmpty }
}
