/// The deliveries of one channel that are not settled, by the tags that the broker counts from 1, and the fewest acknowledgements for
/// those that are done.
struct UnsettledTags {
    struct Acknowledgement: Equatable {
        let tag: UInt64
        /// That one and all before it.
        var isMultiple = false
    }

    /// The element tells whether it is acknowledged and the broker is to be told.
    private var deliveries = NumberedQueue<Bool>()
    /// In the order they were acknowledged.
    private var untold: [UInt64] = []

    /// Nothing is unsettled, and the broker has been told so.
    var isEmpty: Bool { deliveries.isEmpty }

    mutating func delivered(_ tag: UInt64) {
        deliveries.append(false, number: tag)
    }

    /// To be told by `takeAcknowledgements`. A no-op for what is settled.
    mutating func acknowledge(_ tag: UInt64) {
        var isFirst = false
        _ = deliveries.update(tag) { isAcknowledged in
            isFirst = !isAcknowledged
            isAcknowledged = true
        }
        if isFirst { untold.append(tag) }
    }

    /// - Returns: whether it was unsettled.
    mutating func reject(_ tag: UInt64) -> Bool {
        var isUnsettled = false
        _ = deliveries.update(tag) { isUnsettled = !$0 }
        if isUnsettled { _ = deliveries.remove(tag) }
        return isUnsettled
    }

    /// What to tell the broker. One acknowledgement serves all that lead the unsettled ones.
    mutating func takeAcknowledgements() -> [Acknowledgement] {
        defer { untold.removeAll(keepingCapacity: true) }
        var result: [Acknowledgement] = []
        while let first = deliveries.first, first.element {
            _ = deliveries.popFirst()
            result = [Acknowledgement(tag: first.number, isMultiple: !result.isEmpty)]
        }
        for tag in untold where deliveries.remove(tag) != nil { result.append(Acknowledgement(tag: tag)) }
        return result
    }
}
