import AMQP

/// The broker with its clients. Everything it calls (`Promise.resolve`, `AMQPDeliverySource.deliver`) only hands over and returns.
struct BrokerState {
    var model = BrokerModel()
    private(set) var sessions: [UInt64: Session] = [:]
    private(set) var subscribers: [UInt64: Subscriber] = [:]
    /// Which subscriber has the channel.
    private var channels: [UInt64: UInt64] = [:]
    /// In the order in which they were made.
    private var waiting: [Call] = []
    /// Requests by correlation id.
    private var awaited: [String: Call] = [:]
    private var lastID: UInt64 = 0
    var isCut = false
    var isBlocked = false
    /// Publishes from now on arrive, and the connection is cut before the confirm, so many times.
    var confirmsToLose = 0
    /// What a channel calls to settle; set once.
    var settle: @Sendable (_ channel: UInt64, _ tag: QueueModel.Tag, _ queue: String, AMQPDelivery.Settlement) -> Void = { _, _, _, _ in }
    private(set) var published = PublishedMessages()

    mutating func makeID() -> UInt64 {
        lastID += 1
        return lastID
    }

    // MARK: - Sessions

    mutating func connect(replyQueue: String? = nil, at time: BrokerTime) -> UInt64 {
        let id = makeID()
        sessions[id] = Session(state: isCut ? .cut : .open, replyQueue: replyQueue)
        if let replyQueue {
            subscribers[id] = Subscriber(connection: id, queue: replyQueue, prefetch: nil, sink: .replies, own: [])
            attach(at: time)
        }
        return id
    }

    func isOpen(_ session: UInt64) -> Bool { sessions[session]?.state == .open }
    func isClosed(_ session: UInt64) -> Bool { sessions[session]?.state == .closed }

    func isConsuming(_ session: UInt64) -> Bool {
        isOpen(session) && subscribers.values.allSatisfy { $0.connection != session || $0.isCancelled || $0.channel != nil }
    }

    mutating func cut(_ session: UInt64, at time: BrokerTime) {
        guard isOpen(session) else { return }
        sessions[session]?.state = .cut
        for id in ownIDs(session) { detach(id, at: time) }
        hand(at: time)
    }

    mutating func restore(_ session: UInt64, at time: BrokerTime) {
        guard !isCut, sessions[session]?.state == .cut else { return }
        sessions[session]?.state = .open
        attach(at: time)
        sendWaiting(at: time)
    }

    mutating func close(_ session: UInt64, at time: BrokerTime) {
        guard !isClosed(session) else { return }
        for id in ownIDs(session) {
            detach(id, at: time)
            end(id)
        }
        sessions[session]?.state = .closed
        let error = Call.Outcome.failure(Self.closed)
        for call in waiting + awaited.values where call.connection == session { call.promise.resolve(error) }
        waiting.removeAll { $0.connection == session }
        awaited = awaited.filter { $0.value.connection != session }
        hand(at: time)
    }

    // MARK: - Subscriptions

    mutating func subscribe(_ subscriber: Subscriber, id: UInt64, at time: BrokerTime) {
        subscribers[id] = subscriber
        attach(at: time)
    }

    /// What it holds can still be settled; what no task has taken goes back.
    mutating func cancel(_ id: UInt64, at time: BrokerTime) -> [AMQPDelivery] {
        guard let subscriber = subscribers[id], !subscriber.isCancelled else { return [] }
        subscribers[id]?.isCancelled = true
        if let channel = subscriber.channel { model.cancel(channel, of: subscriber.queue, at: time) }
        guard case .deliveries(let source) = subscriber.sink else { return [] }
        defer { hand(at: time) }
        return source.finish()
    }

    mutating func release(_ id: UInt64, at time: BrokerTime) {
        detach(id, at: time)
        end(id)
        hand(at: time)
    }

    private func ownIDs(_ session: UInt64) -> [UInt64] {
        subscribers.filter { $0.value.connection == session }.keys.sorted()
    }

    /// Gives a channel to each that can have one.
    mutating func attach(at time: BrokerTime) {
        for id in subscribers.keys.sorted() {
            guard let subscriber = subscribers[id], subscriber.channel == nil, !subscriber.isCancelled, isOpen(subscriber.connection) else {
                continue
            }
            if let own = subscriber.own {
                model.declare(TestQueue(subscriber.queue, .classic), owner: subscriber.connection)
                for binding in own {
                    model.bind(TestBinding(exchange: binding.exchange, queue: subscriber.queue, key: binding.routingKey))
                }
            }
            guard model.queues[subscriber.queue] != nil else { continue }
            let channel = makeID()
            subscribers[id]?.channel = channel
            channels[channel] = id
            model.add(channel, to: subscriber.queue, prefetch: subscriber.prefetch, at: time)
        }
        hand(at: time)
    }

    /// Its channel is gone.
    private mutating func detach(_ id: UInt64, at time: BrokerTime) {
        guard let subscriber = subscribers[id], let channel = subscriber.channel else { return }
        subscribers[id]?.channel = nil
        channels[channel] = nil
        if case .deliveries(let source) = subscriber.sink { source.removeAll() }
        if subscriber.own != nil {
            model.deleteQueue(subscriber.queue)
        } else {
            model.lose(channel, of: subscriber.queue, at: time)
        }
    }

    /// What consumed it tries again until it is there.
    mutating func deleteQueue(_ name: String) {
        for (id, subscriber) in subscribers where subscriber.queue == name {
            if let channel = subscriber.channel { channels[channel] = nil }
            subscribers[id]?.channel = nil
            if case .deliveries(let source) = subscriber.sink { source.removeAll() }
        }
        model.deleteQueue(name)
    }

    private mutating func end(_ id: UInt64) {
        guard let subscriber = subscribers.removeValue(forKey: id) else { return }
        if case .deliveries(let source) = subscriber.sink { source.finish() }
    }

    /// Hands over what the queues deliver.
    mutating func hand(at time: BrokerTime) {
        for (queue, delivery) in model.takeDeliveries() {
            guard let id = channels[delivery.consumer], let subscriber = subscribers[id] else { continue }
            switch subscriber.sink {
            case .replies:
                guard let correlationID = delivery.message.properties.correlationID else { continue }
                awaited.removeValue(forKey: correlationID)?.promise.resolve(.success(delivery.message))
            case .deliveries(let source):
                let (channel, tag, settle) = (delivery.consumer, delivery.tag, settle)
                source.deliver(
                    AMQPDelivery(
                        message: delivery.message, exchange: delivery.exchange, routingKey: delivery.routingKey, queue: queue,
                        isRedelivered: delivery.isRedelivered,
                        settle: { if let tag { settle(channel, tag, queue, $0) } }))
            }
        }
    }

    /// A no-op for a channel that is gone: what it held is delivered again.
    mutating func settle(
        _ channel: UInt64, _ tag: QueueModel.Tag, of queue: String, _ settlement: AMQPDelivery.Settlement, at time: BrokerTime
    ) {
        guard channels[channel] != nil else { return }
        model.settle(tag, of: queue, settlement, at: time)
        hand(at: time)
    }

    // MARK: - Publishes and requests

    /// Its promise tells when it is settled.
    mutating func make(_ call: Call, at time: BrokerTime) {
        if isClosed(call.connection) { return call.promise.resolve(.failure(Self.closed)) }
        guard call.deadline > time.offset else {
            return call.promise.resolve(.failure(AMQPError(.deadlineExceeded, "the deadline had passed before the message was published")))
        }
        waiting.append(call)
        sendWaiting(at: time)
    }

    /// Nobody waits for it any more.
    mutating func abandon(_ id: UInt64) -> AMQPError {
        let obstacle: AMQPError
        if let call = waiting.first(where: { $0.id == id }) {
            obstacle =
                isOpen(call.connection)
                ? AMQPError(.blocked, "the test broker blocks publishers, and the deadline passed")
                : AMQPError(.notConnected, "the test broker's connections are cut, and the deadline passed")
        } else {
            obstacle = AMQPError(.deadlineExceeded, "no reply came in time")
        }
        waiting.removeAll { $0.id == id }
        awaited = awaited.filter { $0.value.id != id }
        return obstacle
    }

    mutating func sendWaiting(at time: BrokerTime) {
        guard !isBlocked else { return }
        let calls = waiting
        waiting = []
        for call in calls {
            if isOpen(call.connection), call.promise.resolved == nil {
                send(call, at: time)
            } else if call.promise.resolved == nil {
                waiting.append(call)
            }
        }
        hand(at: time)
    }

    private mutating func send(_ call: Call, at time: BrokerTime) {
        var call = call
        if case .request(let queue) = call.kind {
            if let queue, model.queues[queue]?.consumerCount == 0 {
                return call.promise.resolve(
                    .failure(AMQPError(.noConsumer, "nobody consumes queue \"\(queue)\": the request was not sent")))
            }
            call.publication.message.properties.correlationID = "test-\(call.id)"
            call.publication.message.properties.replyTo = sessions[call.connection]?.replyQueue
            call.publication.message.properties.expiration = call.deadline - time.offset
        }
        if call.publication.message.properties.messageID == nil { call.publication.message.properties.messageID = "test-\(call.id)" }
        let publication = call.publication
        if case .request = call.kind { awaited["test-\(call.id)"] = call }
        let outcome = model.publish(publication.message, to: publication.exchange, routingKey: publication.routingKey, at: time)
        if confirmsToLose > 0 {
            confirmsToLose -= 1
            // As a client does that never heard of it: the same again, once it is connected.
            waiting.append(call)
            return cut(call.connection, at: time)
        }
        if let error = Self.error(outcome, publication) {
            awaited["test-\(call.id)"] = nil
            return call.promise.resolve(.failure(error))
        }
        published.append(publication, at: time)
        if case .publish = call.kind { call.promise.resolve(.success(nil)) }
    }

    private static let closed = AMQPError(.closed, "this client of the test broker was closed by its owner")

    private static func error(_ outcome: BrokerModel.Outcome, _ publication: AMQPPublication) -> AMQPError? {
        switch outcome {
        case .confirmed: nil
        case .refused:
            AMQPError(
                .nacked, "the test broker refused a message to \"\(publication.exchange)\" (\"\(publication.routingKey)\"): a queue is full"
            )
        case .unroutable:
            AMQPError(
                .unroutable("NO_ROUTE"),
                "no queue takes a message to exchange \"\(publication.exchange)\" with routing key \"\(publication.routingKey)\" (NO_ROUTE)"
            )
        case .noExchange: AMQPError(.notFound, "the test broker has no exchange \"\(publication.exchange)\"")
        }
    }
}
