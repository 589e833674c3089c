/// What was asked to be published and is not settled: who waits, what is on its way, and what follows from what the broker says.
///
/// A publish waits (in the order asked for) until the window has room, is sent, and is settled by the broker's ack or nack; a returned
/// message is settled, as unroutable, by the ack that follows its return. When the channel or the connection is lost, what was sent
/// waits again, before all others, and is sent anew. A caller that has gone (deadline, cancelled) is settled at once; what it sent keeps
/// its place in the window until the broker has answered, but is not sent anew.
struct PublishLedger: ~Copyable {
    struct Limits {
        /// Messages that are sent and not confirmed.
        var window: Int
        /// Bytes of the same; a single message may be larger.
        var bytes = 8 * 1024 * 1024
        /// Publishes that wait to be sent.
        var waiting = 16 * 1024
    }

    struct Settlement: Equatable {
        let id: UInt64
        let error: AMQPError?
    }

    /// A class, because a message's properties are much to copy at each look. Only the ledger refers to it.
    private final class Entry {
        var publish: Publish
        var isSent = false
        /// The caller has gone.
        var isAbandoned = false
        /// The broker returned it.
        var returned: AMQPError?
        var size: Int { publish.message.body.count }

        init(_ publish: Publish) {
            self.publish = publish
        }
    }

    private let limits: Limits
    private var entries: [UInt64: Entry] = [:]
    private var waiting = FIFO<UInt64>()
    /// Of those in `waiting`: settled meanwhile.
    private var gone = 0
    private var window = ConfirmWindow<UInt64>()
    private var bytesSent = 0
    /// One of them made the broker close the channel, but which is not known: they are sent one at a time until all are settled.
    private var suspects: Set<UInt64> = []

    init(limits: Limits) {
        self.limits = limits
    }

    /// Of all that a caller awaits.
    var earliestDeadline: ContinuousClock.Instant? {
        entries.values.lazy.filter { !$0.isAbandoned }.map(\.publish.deadline).min()
    }

    // MARK: - From the caller

    mutating func add(_ publish: Publish) throws(AMQPError) {
        guard waiting.count - gone < limits.waiting else {
            throw AMQPError(.overloaded, "\(limits.waiting) publishes wait for the broker already; try later")
        }
        entries[publish.id] = Entry(publish)
        waiting.append(publish.id)
    }

    /// The caller has gone.
    mutating func abandon(_ id: UInt64) {
        guard let entry = entries[id], !entry.isAbandoned else { return }
        guard entry.isSent else { return removeWaiting(id) }
        entry.isAbandoned = true
        bytesSent -= entry.size
        // Whose return it would be can be told without the body.
        entry.publish.message.body = []
    }

    /// - Parameter obstacle: why nothing can be sent at present, for those that were not sent.
    mutating func expire(at now: ContinuousClock.Instant, obstacle: AMQPError?) -> [Settlement] {
        let overdue = entries.values.filter { !$0.isAbandoned && $0.publish.deadline <= now }
        return overdue.sorted { $0.publish.id < $1.publish.id }.map { entry in
            abandon(entry.publish.id)
            return Settlement(id: entry.publish.id, error: Self.late(entry, obstacle))
        }
    }

    /// - Returns: all that callers await.
    mutating func close(_ error: AMQPError) -> [Settlement] {
        let awaited = entries.values.filter { !$0.isAbandoned }.map(\.publish.id).sorted()
        self = PublishLedger(limits: limits)
        return awaited.map { Settlement(id: $0, error: error) }
    }

    // MARK: - To the broker

    /// What to send next; nil when nothing waits or the window is full.
    mutating func next() -> Publish? {
        guard window.count < (suspects.isEmpty ? limits.window : 1), window.isEmpty || bytesSent < limits.bytes else { return nil }
        while let id = waiting.first {
            if let entry = entries[id], !entry.isSent { return entry.publish }
            _ = waiting.popFirst()
            gone -= 1
        }
        return nil
    }

    /// What `next` gave was sent.
    mutating func sent(_ id: UInt64) {
        guard waiting.first == id, let entry = entries[id] else { return }
        _ = waiting.popFirst()
        entry.isSent = true
        bytesSent += entry.size
        window.append(id)
    }

    /// What `next` gave cannot be sent at all.
    mutating func refused(_ id: UInt64, _ error: AMQPError) -> Settlement {
        removeWaiting(id)
        return Settlement(id: id, error: error)
    }

    // MARK: - From the broker

    mutating func acknowledged(_ sequence: UInt64, isMultiple: Bool) -> [Settlement] {
        window.settle(sequence, isMultiple: isMultiple).compactMap { settle($0, error: nil) }
    }

    mutating func negativelyAcknowledged(_ sequence: UInt64, isMultiple: Bool) -> [Settlement] {
        window.settle(sequence, isMultiple: isMultiple).compactMap { id in
            let target = entries[id].map { Self.target($0.publish) } ?? ""
            return settle(id, error: AMQPError(.nacked, "the broker refused a message to \(target): a queue is full, or it had an error"))
        }
    }

    /// The return comes before the ack of the same message. Equal messages are returned in the order they were sent.
    mutating func returned(_ returned: ServerMethod.Returned, messageID: String?) {
        let error = AMQPError(
            .unroutable(returned.text),
            "no queue takes a message to exchange \"\(returned.exchange)\" with routing key \"\(returned.routingKey)\" (\(returned.text))")
        let id = window.first { id in
            guard let entry = entries[id], entry.returned == nil else { return false }
            return entry.publish.message.properties.messageID == messageID && entry.publish.exchange == returned.exchange
                && entry.publish.routingKey == returned.routingKey
        }
        if let id { entries[id]?.returned = error }
    }

    /// - Parameters:
    ///   - exchange: the one the broker complains of: publishes to it fail, all others are sent anew. Nil where it does not say: then a
    ///     publish fails that was the only one on its way, and several are sent anew one by one to find it.
    ///   - isCausedByPublish: false for an end that no publish can have brought about.
    mutating func lostChannel(_ error: AMQPError, exchange: String? = nil, isCausedByPublish: Bool) -> [Settlement] {
        var settlements: [Settlement] = []
        var again: [UInt64] = []
        for id in window.removeAll() {
            guard let entry = entries[id] else { continue }
            if entry.isAbandoned || entry.returned != nil {
                if let settlement = settle(id, error: nil) { settlements.append(settlement) }
            } else if isCausedByPublish, entry.publish.exchange == exchange {
                if let settlement = settle(id, error: error) { settlements.append(settlement) }
            } else {
                again.append(id)
            }
        }
        if isCausedByPublish, settlements.allSatisfy({ $0.error != error }) {
            if again.count == 1, let culprit = again.popLast(), let settlement = settle(culprit, error: error) {
                settlements.append(settlement)
            }
            suspects.formUnion(again)
        }
        for id in again { entries[id]?.isSent = false }
        bytesSent = 0
        waiting = FIFO(again + waiting)
        return settlements
    }

    // MARK: -

    /// - Parameter error: nil when the broker acknowledged it; a message it returned fails nevertheless.
    private mutating func settle(_ id: UInt64, error: AMQPError?) -> Settlement? {
        suspects.remove(id)
        guard let entry = entries.removeValue(forKey: id), !entry.isAbandoned else { return nil }
        bytesSent -= entry.size
        return Settlement(id: id, error: error ?? entry.returned)
    }

    private mutating func removeWaiting(_ id: UInt64) {
        entries[id] = nil
        suspects.remove(id)
        gone += 1
        // Without a connection nothing takes them from the front.
        if gone * 2 > waiting.count {
            waiting.removeAll { entries[$0] == nil }
            gone = 0
        }
    }

    private static func late(_ entry: Entry, _ obstacle: AMQPError?) -> AMQPError {
        let target = target(entry.publish)
        if let returned = entry.returned { return returned }
        if entry.isSent {
            return AMQPError(.deadlineExceeded, "the broker did not confirm a message to \(target) in time; it may have arrived")
        }
        if let obstacle {
            return AMQPError(obstacle.code, "a message to \(target) was not sent in time: \(obstacle.message)", underlying: obstacle)
        }
        return AMQPError(.deadlineExceeded, "a message to \(target) was not sent in time: others were before it")
    }

    private static func target(_ publish: Publish) -> String {
        publish.exchange.isEmpty ? "queue \"\(publish.routingKey)\"" : "exchange \"\(publish.exchange)\" (\"\(publish.routingKey)\")"
    }
}
