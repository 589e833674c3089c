import AMQP

/// A queue's dead letters as they are held. Confined to the actor that holds them.
final class HeldQueue {
    /// The queue that the letters came from.
    let name: String
    let deadLetterQueue: String

    /// What is shown and acted on.
    private(set) var index = DeadLetterIndex()
    /// The same queue delivered anew, until all of it has come: then it takes the place of `index`.
    private var incoming: DeadLetterIndex?
    private(set) var window = HoldWindow()
    private(set) var spool: Spool?
    private(set) var deliveries: AMQPDeliveries?
    /// Raised each time the queue is delivered anew.
    private(set) var generation = 0
    private var expected = 0
    private var received = 0
    private var lossesAtBegin = 0
    private(set) var lastDelivery = ContinuousClock.now
    /// When the letter that has been held longest came.
    private(set) var heldSince: ContinuousClock.Instant?
    private(set) var begun = ContinuousClock.now
    private(set) var isLoaded = false

    /// Letters that the broker has not been heard to have forgotten: should they be delivered again, they are settled at once.
    var settled: Set<LetterKey> = []
    var beyond = 0
    var problem: String?
    /// The one under way.
    var replayID: String?
    /// By cause, so that the same text is there once and read once.
    private var causes: [String: (text: String, group: UInt32)] = [:]
    private static let mostCauses = 5000

    init(name: String, deadLetterQueue: String) {
        self.name = name
        self.deadLetterQueue = deadLetterQueue
    }

    /// The channel by which `index` came is gone.
    var isLost: Bool { deliveries.map { $0.losses != lossesAtBegin } ?? false }

    /// - Parameter expected: how many messages are there.
    func begin(_ deliveries: AMQPDeliveries, spool: Spool, expecting expected: Int) {
        generation += 1
        self.deliveries = deliveries
        self.spool = spool
        self.expected = expected
        received = 0
        lossesAtBegin = deliveries.losses
        lastDelivery = .now
        begun = .now
        heldSince = nil
        window = HoldWindow()
        beyond = 0
        // Until it is whole, what is known from before is shown.
        if isLoaded { incoming = DeadLetterIndex() } else { index = DeadLetterIndex() }
        loadIfComplete()
    }

    func end() {
        deliveries = nil
    }

    /// - Returns: nil when it is settled already and the broker is to be told again.
    func receive(_ delivery: AMQPDelivery) -> LetterEntry? {
        let message = delivery.message
        let reading = LetterReading(message)
        let key = LetterKey(messageID: reading.messageID, content: ContentHash.of(message))
        received += 1
        lastDelivery = .now
        if heldSince == nil { heldSince = .now }
        defer { loadIfComplete() }
        guard !settled.contains(key) else { return nil }
        window.delivered()
        let cause = interned(reading)
        let entry = LetterEntry(
            key: key, type: reading.type, subject: reading.subject, cause: cause.text, group: cause.group, attempts: reading.attempts,
            firstFailedAt: reading.firstFailedAt, publishedAt: reading.publishedAt, bodyBytes: message.body.count,
            replayID: reading.replayID, place: spool?.append(message), holder: window.current, settle: delivery.settling)
        if incoming != nil { incoming?.append(entry) } else { index.append(entry) }
        return entry
    }

    private func interned(_ reading: LetterReading) -> (text: String, group: UInt32) {
        let shown = String(reading.cause.prefix(LetterEntry.shownCause))
        let name = "\(reading.type)\n\(shown)"
        if let known = causes[name] { return known }
        if causes.count >= Self.mostCauses { causes.removeAll() }
        let new = (shown, GroupID.of(queue: self.name, pattern: CausePattern.of(reading.cause), type: reading.type))
        causes[name] = new
        return new
    }

    private func loadIfComplete() {
        if received >= expected { completeLoading() }
    }

    /// Nothing more comes of what was there.
    func completeLoading() {
        isLoaded = true
        if let incoming { index = incoming }
        incoming = nil
    }

    /// The prefetch of one more consumer, where there is need and room.
    func extend() -> Int? { window.extend(bytes: spool?.size ?? 0) }

    var isExhausted: Bool { window.isFull && window.isExhausted(bytes: spool?.size ?? 0) }

    /// Takes all copies of a letter out.
    /// - Returns: those that the broker is to be told of.
    func settle(_ key: LetterKey) -> [LetterEntry] {
        settled.insert(key)
        var removed: [LetterEntry] = []
        while let entry = index.remove(key) { removed.append(entry) }
        while let entry = incoming?.remove(key) { removed.append(entry) }
        for entry in removed { window.settled(by: entry.holder) }
        return removed
    }
}
