import AMQP

/// Exchanges, bindings and queues: what comes of each publish, settlement and lapse of time. Decisions only.
struct BrokerModel: Sendable {
    enum Outcome: Sendable, Equatable {
        case confirmed, refused, unroutable, noExchange
    }

    private struct StuckDeadLetter: Sendable {
        let origin: String
        let reason: DeathReason
        let message: AMQPMessage
        let exchange: String
        let routingKey: String
    }

    private var exchanges: [String: TestExchange.Kind] = [:]
    private var bindings: Set<TestBinding> = []
    private(set) var queues: [String: QueueModel] = [:]
    /// Dead letters that no queue has taken, which have to be taken once.
    private var stuck: [StuckDeadLetter] = []
    private var deliveries: [(queue: String, delivery: QueueModel.Delivery)] = []

    /// By the clock's offset.
    var nextExpiry: Duration? { queues.values.compactMap(\.nextExpiry).min() }

    mutating func takeDeliveries() -> [(queue: String, delivery: QueueModel.Delivery)] {
        defer { deliveries = [] }
        return deliveries
    }

    // MARK: - Declarations

    mutating func declare(_ exchange: TestExchange) {
        exchanges[exchange.name] = exchange.kind
    }

    /// A no-op where it is there already.
    mutating func declare(_ queue: TestQueue, owner: UInt64? = nil) {
        if queues[queue.name] == nil { queues[queue.name] = QueueModel(queue, owner: owner) }
    }

    mutating func bind(_ binding: TestBinding) {
        bindings.insert(binding)
    }

    mutating func unbind(_ binding: TestBinding) {
        bindings.remove(binding)
    }

    mutating func deleteQueue(_ name: String) {
        queues[name] = nil
        bindings = bindings.filter { $0.queue != name }
    }

    mutating func purge(_ name: String) {
        queues[name]?.removeAll()
    }

    // MARK: - What happens

    mutating func publish(_ message: AMQPMessage, to exchange: String, routingKey: String, at time: BrokerTime) -> Outcome {
        guard let targets = route(message, exchange, routingKey) else { return .noExchange }
        guard !targets.isEmpty else { return .unroutable }
        let isTaken = enqueue(message, exchange, routingKey, to: targets, at: time)
        settleDown(targets, at: time)
        return isTaken ? .confirmed : .refused
    }

    mutating func add(_ consumer: QueueModel.ConsumerID, to queue: String, prefetch: Int?, at time: BrokerTime) {
        queues[queue]?.add(consumer, prefetch: prefetch)
        settleDown([queue], at: time)
    }

    mutating func cancel(_ consumer: QueueModel.ConsumerID, of queue: String, at time: BrokerTime) {
        queues[queue]?.cancel(consumer)
        settleDown([queue], at: time)
    }

    mutating func lose(_ consumer: QueueModel.ConsumerID, of queue: String, at time: BrokerTime) {
        let dead = queues[queue]?.lose(consumer) ?? []
        var touched = [queue]
        for entry in dead { touched += deadLetter(entry, from: queue, .deliveryLimit, at: time) }
        settleDown(touched, at: time)
    }

    mutating func settle(_ tag: QueueModel.Tag, of queue: String, _ settlement: AMQPDelivery.Settlement, at time: BrokerTime) {
        var touched = [queue]
        if let (entry, reason) = queues[queue]?.settle(tag, settlement) { touched += deadLetter(entry, from: queue, reason, at: time) }
        settleDown(touched, at: time)
    }

    mutating func timePassed(to time: BrokerTime) {
        settleDown(queues.keys.sorted(), at: time)
    }

    // MARK: -

    /// - Returns: nil without such an exchange.
    private func route(_ message: AMQPMessage, _ exchange: String, _ key: String) -> [String]? {
        if exchange.isEmpty { return queues[key] == nil ? [] : [key] }
        guard let kind = exchanges[exchange] else { return nil }
        let matching = bindings.filter {
            $0.exchange == exchange && BindingMatch.matches($0, kind, key: key, headers: message.properties.headers)
        }
        return Set(matching.map(\.queue)).filter { queues[$0] != nil }.sorted()
    }

    /// - Returns: whether each of them took it.
    private mutating func enqueue(
        _ message: AMQPMessage, _ exchange: String, _ routingKey: String, to targets: [String], at time: BrokerTime
    ) -> Bool {
        var isTaken = true
        for target in targets {
            if queues[target]?.accepts() == true {
                queues[target]?.append(QueueEntry(message: message, exchange: exchange, routingKey: routingKey), at: time.offset)
            } else {
                isTaken = false
            }
        }
        return isTaken
    }

    /// Until nothing can be delivered, expires or is too much.
    private mutating func settleDown(_ names: [String], at time: BrokerTime) {
        var work = names
        while !work.isEmpty || retryStuck(&work, at: time) {
            guard !work.isEmpty else { continue }
            let name = work.removeFirst()
            var dropped: [QueueEntry] = []
            while let step = queues[name]?.next(at: time.offset) {
                if case .died(let entry, .maxlen) = step {
                    dropped.append(entry)
                    continue
                }
                work += deadLetterDropped(&dropped, from: name, at: time)
                switch step {
                case .delivered(let delivery): deliveries.append((name, delivery))
                case .died(let entry, let reason): work += deadLetter(entry, from: name, reason, at: time)
                }
            }
            work += deadLetterDropped(&dropped, from: name, at: time)
        }
    }

    /// Of several that are too much at once, RabbitMQ's quorum queues send the last one first.
    private mutating func deadLetterDropped(_ dropped: inout [QueueEntry], from origin: String, at time: BrokerTime) -> [String] {
        let entries = queues[origin]?.declaration.kind == .quorum ? dropped.reversed() : dropped
        dropped = []
        return entries.flatMap { deadLetter($0, from: origin, .maxlen, at: time) }
    }

    /// - Returns: the queues that took it.
    private mutating func deadLetter(_ entry: QueueEntry, from origin: String, _ reason: DeathReason, at time: BrokerTime) -> [String] {
        guard let queue = queues[origin]?.declaration, let exchange = queue.deadLetterExchange else { return [] }
        let letter = StuckDeadLetter(
            origin: origin, reason: reason, message: DeathRecord.message(entry, from: origin, reason, time: time.secondsSince1970),
            exchange: exchange, routingKey: queue.deadLetterRoutingKey ?? entry.routingKey)
        if let taken = send(letter, at: time) { return taken }
        if queue.kind == .quorum, queue.isDeadLetteringAtLeastOnce { stuck.append(letter) }
        return []
    }

    /// - Returns: nil where no queue, or not every one, took it.
    private mutating func send(_ letter: StuckDeadLetter, at time: BrokerTime) -> [String]? {
        guard let targets = route(letter.message, letter.exchange, letter.routingKey), !targets.isEmpty else { return nil }
        let others = targets.filter { !DeathRecord.isCycle(letter.message, to: $0, letter.reason) }
        return enqueue(letter.message, letter.exchange, letter.routingKey, to: others, at: time) ? others : nil
    }

    /// - Returns: whether one of them found its queue.
    private mutating func retryStuck(_ work: inout [String], at time: BrokerTime) -> Bool {
        for (index, letter) in stuck.enumerated() {
            guard let taken = send(letter, at: time) else { continue }
            stuck.remove(at: index)
            work += taken
            return true
        }
        return false
    }
}
