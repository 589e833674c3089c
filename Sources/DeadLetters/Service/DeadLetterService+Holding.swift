import AMQP

extension DeadLetterService {
    /// RabbitMQ ends a consumer that holds a message for 30 minutes (`consumer_timeout`).
    private static let renewAfter: Duration = .seconds(20 * 60)
    private static let beatInterval: Duration = .seconds(2)
    /// A queue that has delivered less than was counted, and nothing for so long, has no more.
    private static let quiet: Duration = .seconds(2)
    /// A consumer of a process that is gone holds its messages until the broker has noticed: two heartbeats.
    private static let freePatience: Duration = .seconds(30)
    private static let freePoll: Duration = .milliseconds(50)
    private static let longestPause: Duration = .seconds(5)
    private static let fullDiskPause: Duration = .seconds(60)
    /// Deliveries that are taken in before others have their turn.
    private static let burst = 500
    /// Bytes of the spool that nothing refers to any more, before it is written anew.
    private static let wastedBytes = 256 << 20

    /// Consumes a dead-letter queue until it is cancelled.
    func hold(_ name: String, by consumer: AMQPConsumer) async {
        guard let queue = held[name] else { return }
        var pause = Self.freePoll
        while !Task.isCancelled, self.consumer === consumer {
            do {
                try await consumer.waitUntilConnected(deadline: .now + Self.freePatience)
                let ready = try await waitUntilFree(queue, consumer)
                let spool = try Spool(folder: folder)
                let deliveries = try await consumer.consume(queue: queue.deadLetterQueue, prefetch: HoldWindow.firstPrefetch)
                queue.begin(deliveries, spool: spool, expecting: ready)
                queue.problem = nil
                pause = Self.freePoll
                await take(deliveries, of: queue, by: consumer)
                queue.end()
            } catch {
                queue.problem = "\(error)"
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }

    /// What another consumer holds would come later, and so in the wrong order.
    /// - Returns: how many messages are there.
    private func waitUntilFree(_ queue: HeldQueue, _ consumer: AMQPConsumer) async throws -> Int {
        let deadline = ContinuousClock.now + Self.freePatience
        while true {
            let (messages, consumers) = try await consumer.inspectQueue(queue.deadLetterQueue)
            if consumers == 0 || ContinuousClock.now >= deadline { return messages }
            try await Task.sleep(for: Self.freePoll)
        }
    }

    private func take(_ deliveries: AMQPDeliveries, of queue: HeldQueue, by consumer: AMQPConsumer) async {
        var iterator = deliveries.makeAsyncIterator()
        while let first = await iterator.next() {
            var next: AMQPDelivery? = first
            var count = 0
            while let delivery = next {
                if queue.receive(delivery) == nil { await delivery.ack() }
                count += 1
                next = count < Self.burst ? deliveries.takeAvailable() : nil
            }
            guard !queue.isLost else { return await consumer.release(deliveries) }
            if let prefetch = queue.extend() { await consumer.extend(deliveries, prefetch: prefetch) }
        }
    }

    /// What has to be looked at from time to time.
    func beat(_ consumer: AMQPConsumer) async {
        while !Task.isCancelled, self.consumer === consumer {
            let isConnected = await consumer.isConnected
            for queue in held.values { await look(at: queue, consumer, isConnected: isConnected) }
            try? await Task.sleep(for: Self.beatInterval)
        }
    }

    private func look(at queue: HeldQueue, _ consumer: AMQPConsumer, isConnected: Bool) async {
        guard let deliveries = queue.deliveries else { return }
        if !isConnected {
            queue.problem = "there is no connection to the broker"
            return
        }
        queue.problem = nil
        if queue.isLost || isDue(queue) { return await consumer.release(deliveries) }
        if !queue.isLoaded, queue.lastDelivery.duration(to: .now) > Self.quiet { queue.completeLoading() }
        guard queue.isExhausted else {
            queue.beyond = 0
            return
        }
        queue.beyond = (try? await consumer.inspectQueue(queue.deadLetterQueue).messages) ?? queue.beyond
        // No consumer may follow on this channel; on a new one what was settled has made room.
        let room = HoldWindow.mostLetters - queue.index.count
        if queue.beyond > 0, room >= HoldWindow.laterPrefetch, queue.replayID == nil { await consumer.release(deliveries) }
    }

    /// Whether all of it is to be delivered anew.
    private func isDue(_ queue: HeldQueue) -> Bool {
        guard let since = queue.heldSince, !queue.index.isEmpty, let spool = queue.spool else { return false }
        if since.duration(to: .now) >= Self.renewAfter { return true }
        if spool.isFailed, queue.begun.duration(to: .now) >= Self.fullDiskPause { return true }
        return spool.size > Self.wastedBytes && spool.size / 4 > queue.index.bytes
    }

    /// Tells the broker to forget letters; `confirmSettled` says whether it has heard.
    func settle(_ key: LetterKey, of queue: HeldQueue) async {
        for entry in queue.settle(key) { await entry.settle(.acknowledged) }
    }

    /// Returns when the broker has been told of all that was settled, on a channel that was there all the while; false: it could not be
    /// told in time.
    @discardableResult
    func confirmSettled(_ queue: HeldQueue) async -> Bool {
        let deadline = ContinuousClock.now + Self.freePatience
        while ContinuousClock.now < deadline, !Task.isCancelled {
            if queue.isLoaded, !queue.isLost, let deliveries = queue.deliveries, let consumer {
                let (generation, settled) = (queue.generation, queue.settled)
                // Its frames come to the broker after the acknowledgements.
                let isThere = (try? await consumer.inspectQueue(queue.deadLetterQueue)) != nil
                if isThere, queue.generation == generation, !queue.isLost, queue.deliveries?.id == deliveries.id {
                    queue.settled.subtract(settled)
                    return true
                }
            }
            try? await Task.sleep(for: Self.freePoll)
        }
        return false
    }
}
