/// Which answers are due. The broker answers the synchronous methods of a channel in the order they were sent, so they need not be sent one
/// by one.
struct ReplyMatcher {
    struct Expected: Equatable {
        var reply: Reply
        var deadline: ContinuousClock.Instant
    }

    private var expected: [UInt16: FIFO<Expected>] = [:]

    var isEmpty: Bool { expected.isEmpty }

    mutating func expect(_ reply: Reply, channel: UInt16, deadline: ContinuousClock.Instant) {
        expected[channel, default: FIFO()].append(Expected(reply: reply, deadline: deadline))
    }

    /// - Returns: whether it was due.
    mutating func received(_ reply: Reply, channel: UInt16) -> Bool {
        guard expected[channel]?.first?.reply == reply else { return false }
        _ = expected[channel]?.popFirst()
        if expected[channel]?.isEmpty == true { expected[channel] = nil }
        return true
    }

    /// The channel is closed: nothing more comes.
    mutating func forget(channel: UInt16) {
        expected[channel] = nil
    }

    func firstOverdue(at now: ContinuousClock.Instant) -> Reply? {
        expected.values.lazy.compactMap(\.first).first { $0.deadline <= now }?.reply
    }
}
