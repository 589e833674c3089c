import AMQP

/// One queue: what waits in it, who consumes it, and who holds what. Decisions only.
struct QueueModel: Sendable {
    /// Who consumes, by a channel of its own.
    typealias ConsumerID = UInt64
    typealias Tag = UInt64

    struct Delivery: Sendable {
        let consumer: ConsumerID
        /// Nil: it counts as acknowledged.
        let tag: Tag?
        let message: AMQPMessage
        let exchange: String
        let routingKey: String
        let isRedelivered: Bool
    }

    /// What happens next.
    enum Step: Sendable {
        case delivered(Delivery)
        case died(QueueEntry, DeathReason)
    }

    private struct Consumer: Sendable {
        let id: ConsumerID
        /// Nil: any number, and without ack.
        var prefetch: Int?
        var held = 0

        var hasRoom: Bool { prefetch.map { held < $0 } ?? true }
    }

    /// RabbitMQ's quorum queues, once full, take publishes again at this part of their maximum.
    private static let lowWater = (numerator: 8, denominator: 10)

    let declaration: TestQueue
    /// Of an exclusive queue: the connection with which it goes.
    let owner: UInt64?
    private(set) var ready: [QueueEntry] = []
    /// So many at the head of a quorum queue were returned.
    private var returned = 0
    private var held: [Tag: (entry: QueueEntry, consumer: ConsumerID)] = [:]
    /// As they came; the first one is a single active one.
    private var consumers: [Consumer] = []
    /// Whose turn it is.
    private var turns: [ConsumerID] = []
    private var isRefusing = false
    /// A classic queue that takes messages back looks at its maximum before it delivers.
    private var isOverflowDue = false
    private var lastTag: Tag = 0
    private var lastPosition: UInt64 = 0

    init(_ declaration: TestQueue, owner: UInt64? = nil) {
        self.declaration = declaration
        self.owner = owner
    }

    var heldCount: Int { held.count }
    /// As RabbitMQ counts: of a quorum queue's single active consumers only the active one, and any that are cancelled and still hold something.
    var consumerCount: Int {
        guard declaration.kind == .quorum else { return consumers.count }
        let leaving = Set(held.values.map(\.consumer)).subtracting(consumers.map(\.id)).count
        return (declaration.isSingleActiveConsumer ? min(1, consumers.count) : consumers.count) + leaving
    }

    /// When the message at the head expires: those behind it wait for it.
    var nextExpiry: Duration? { ready.first?.expiresAt }

    // MARK: - Messages

    /// Whether it takes a publish; a quorum queue refuses only after one too many, and then for a while.
    mutating func accepts() -> Bool {
        guard declaration.overflow == .rejectPublish, let maximum = declaration.maximumLength else { return true }
        guard declaration.kind == .quorum else { return ready.count < maximum }
        if ready.count > maximum {
            isRefusing = true
        } else if ready.count * Self.lowWater.denominator <= maximum * Self.lowWater.numerator {
            isRefusing = false
        }
        return !isRefusing
    }

    mutating func append(_ entry: QueueEntry, at now: Duration) {
        var entry = entry
        let lifetimes = [entry.message.properties.expiration, declaration.messageTTL].compactMap(\.self)
        entry.expiresAt = lifetimes.min().map { now + .milliseconds($0.wholeMilliseconds) }
        appendAtEnd(entry)
    }

    /// - Returns: nil when there is nothing left to do.
    mutating func next(at now: Duration) -> Step? {
        if isOverflowDue, isTooLong { return .died(removeFirst(), .maxlen) }
        isOverflowDue = false
        if let expiry = nextExpiry, expiry <= now { return .died(removeFirst(), .expired) }
        if !ready.isEmpty, let index = nextConsumer() { return .delivered(deliver(removeFirst(), to: index)) }
        return isTooLong ? .died(removeFirst(), .maxlen) : nil
    }

    private var isTooLong: Bool {
        guard declaration.overflow == .dropHead, let maximum = declaration.maximumLength else { return false }
        return ready.count > maximum
    }

    mutating func removeAll() {
        ready = []
        returned = 0
    }

    // MARK: - Consumers

    /// - Parameter prefetch: nil: any number, and without ack.
    mutating func add(_ consumer: ConsumerID, prefetch: Int?) {
        consumers.append(Consumer(id: consumer, prefetch: prefetch))
        turns.append(consumer)
    }

    /// Delivers nothing more to it; what it holds it can still settle.
    mutating func cancel(_ consumer: ConsumerID) {
        consumers.removeAll { $0.id == consumer }
        turns.removeAll { $0 == consumer }
    }

    /// Its channel is gone: what it holds comes back in its order.
    /// - Returns: those that were returned too often.
    mutating func lose(_ consumer: ConsumerID) -> [QueueEntry] {
        cancel(consumer)
        let tags = held.filter { $0.value.consumer == consumer }.keys.sorted()
        return tags.compactMap { tag in
            guard let entry = held.removeValue(forKey: tag)?.entry else { return nil }
            return take(back: entry, isChannelLost: true)
        }
    }

    // MARK: - Settlements

    /// - Returns: what dies by it.
    mutating func settle(_ tag: Tag, _ settlement: AMQPDelivery.Settlement) -> (QueueEntry, DeathReason)? {
        guard let (entry, consumer) = held.removeValue(forKey: tag) else { return nil }
        if let index = consumers.firstIndex(where: { $0.id == consumer }) { consumers[index].held -= 1 }
        switch settlement {
        case .acknowledged: return nil
        case .rejected(requeue: false): return (entry, .rejected)
        case .rejected(requeue: true):
            guard let dead = take(back: entry, isChannelLost: false) else { return nil }
            // RabbitMQ 3.10 gives its consumer credit for it twice: from now on that one holds one more.
            if let index = consumers.firstIndex(where: { $0.id == consumer }) { consumers[index].prefetch? += 1 }
            return (dead, .deliveryLimit)
        }
    }

    // MARK: -

    /// - Returns: it, where it was returned too often.
    private mutating func take(back entry: QueueEntry, isChannelLost: Bool) -> QueueEntry? {
        var entry = entry
        switch declaration.kind {
        case .classic:
            let index = ready.firstIndex { $0.position > entry.position } ?? ready.endIndex
            ready.insert(entry, at: index)
            isOverflowDue = true
        case .quorum:
            entry.returns += 1
            if let limit = declaration.deliveryLimit, entry.returns > limit { return entry }
            if declaration.deliveryLimit == nil, !isChannelLost {
                appendAtEnd(entry)
            } else {
                ready.insert(entry, at: returned)
                returned += 1
            }
        }
        return nil
    }

    private mutating func appendAtEnd(_ entry: QueueEntry) {
        lastPosition += 1
        ready.append(entry)
        ready[ready.count - 1].position = lastPosition
    }

    private mutating func removeFirst() -> QueueEntry {
        returned = max(0, returned - 1)
        return ready.removeFirst()
    }

    private func nextConsumer() -> Int? {
        if declaration.isSingleActiveConsumer { return consumers.first?.hasRoom == true ? consumers.startIndex : nil }
        for id in turns {
            if let index = consumers.firstIndex(where: { $0.id == id && $0.hasRoom }) { return index }
        }
        return nil
    }

    private mutating func deliver(_ entry: QueueEntry, to index: Int) -> Delivery {
        let consumer = consumers[index]
        turns.removeAll { $0 == consumer.id }
        turns.append(consumer.id)
        var message = entry.message
        if entry.returns > 0 { message.properties.headers["x-delivery-count"] = .int(Int64(entry.returns)) }
        var tag: Tag?
        if consumer.prefetch != nil {
            lastTag += 1
            tag = lastTag
            var entry = entry
            entry.wasDelivered = true
            held[lastTag] = (entry, consumer.id)
            consumers[index].held += 1
        }
        return Delivery(
            consumer: consumer.id, tag: tag, message: message, exchange: entry.exchange, routingKey: entry.routingKey,
            isRedelivered: declaration.kind == .quorum ? entry.returns > 0 : entry.wasDelivered)
    }
}
