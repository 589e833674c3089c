import AMQP
import Logging
import Synchronization

struct Bench: Sendable {
    let configuration: AMQPConfiguration
    let logger: Logger
    let queue: String
    let count: Int

    private var deadline: ContinuousClock.Instant { .now + MessagingBenchmark.patience }

    private func message(_ bytes: Int) -> AMQPMessage {
        AMQPMessage(body: Array(repeating: UInt8(ascii: "x"), count: bytes))
    }

    /// Callers for each place of the window: those that have to wait are sent as soon as there is room.
    private static let callersPerPlace = 2
    /// Batches of the window's size that are handed over and not confirmed.
    private static let batchesAhead = 4

    /// Many tasks, each awaiting its confirm before it publishes again.
    func publish(window: Int, bytes: Int) async throws {
        let publisher = AMQPPublisher(configuration: configuration, window: window, logger: logger)
        try await publisher.waitUntilConnected(deadline: deadline)
        let message = message(bytes)
        let meter = Meter()
        try await inLanes(window * Self.callersPerPlace) {
            try await publisher.publish(message, to: "", routingKey: queue, deadline: deadline)
        }
        meter.report(count)
        await publisher.close()
    }

    /// As an outbox does: batches, and a call for what was confirmed of them.
    func publishBatch(window: Int, bytes: Int) async throws {
        let publisher = AMQPPublisher(configuration: configuration, window: window, logger: logger)
        try await publisher.waitUntilConnected(deadline: deadline)
        let publication = AMQPPublication(message(bytes), exchange: "", routingKey: queue)
        let (settled, continuation) = AsyncStream.makeStream(of: Int.self)
        var iterator = settled.makeAsyncIterator()
        let meter = Meter()
        var (sent, confirmed) = (0, 0)
        while confirmed < count {
            while sent < count, sent - confirmed <= (Self.batchesAhead - 1) * window {
                let batch = Array(repeating: publication, count: min(window, count - sent))
                await publisher.publish(batch, deadline: deadline) { outcomes in
                    if let error = outcomes.lazy.compactMap(\.error).first { fatalError("\(error)") }
                    continuation.yield(outcomes.count)
                }
                sent += batch.count
            }
            confirmed += await iterator.next() ?? 0
        }
        meter.report(count)
        await publisher.close()
    }

    func consume(prefetch: Int) async throws {
        let consumer = AMQPConsumer(configuration: configuration, logger: logger)
        try await consumer.waitUntilConnected(deadline: deadline)
        let meter = Meter()
        let deliveries = try await consumer.consume(queue: queue, prefetch: prefetch)
        var taken = 0
        for await delivery in deliveries {
            await delivery.ack()
            taken += 1
            if taken == count { break }
        }
        meter.report(count)
        await consumer.close()
    }

    func request(window: Int, bytes: Int, mode: AMQPReplyMode) async throws {
        let requester = AMQPRequester(configuration: configuration, logger: logger, replyMode: mode)
        let message = AMQPMessage(properties: AMQPProperties(isPersistent: false), body: message(bytes).body)
        let ask = { @Sendable () async throws -> Void in
            _ = try await requester.request(message, exchange: "", routingKey: queue, consumedFrom: queue, deadline: deadline)
        }
        try await ask()
        let meter = Meter()
        try await inLanes(window, ask)
        meter.report(count)
        await requester.close()
    }

    /// Does it `count` times, so many at a time.
    private func inLanes(_ lanes: Int, _ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            for lane in 0..<lanes {
                group.addTask {
                    for _ in 0..<(count / lanes + (lane < count % lanes ? 1 : 0)) { try await body() }
                }
            }
            try await group.waitForAll()
        }
    }
}
