import AMQP
import BrokerTopology
import Logging
import Synchronization

/// Moves messages over AMQP: taken, published with a confirm, and only then acknowledged, up to `window` of them under way, all in order.
struct AMQPMessageMover: MessageMover {
    static let window = 256
    static let publishLimit = Duration.seconds(30)
    static let connectLimit = Duration.seconds(5)
    /// A queue that has given nothing for so long, and of which nothing is under way, is empty at that moment.
    static let patience = Duration.milliseconds(50)
    private static let lookInterval = Duration.milliseconds(10)

    let url: String
    let logger: Logger

    func move(from queue: String, through exchange: String, limit: Duration) async throws -> MoveOutcome {
        var quiet = logger
        quiet.logLevel = .error
        let configuration = try AMQPConfiguration(url: url, connectionName: "signalbox migration")
        let consumer = AMQPConsumer(configuration: configuration, logger: quiet)
        let publisher = AMQPPublisher(configuration: configuration, window: Self.window, logger: quiet)
        let run = Run(exchange: exchange, publisher: publisher)
        var failure: (any Error)?
        do {
            try await consumer.waitUntilConnected(deadline: .now + Self.connectLimit)
            try await publisher.waitUntilConnected(deadline: .now + Self.connectLimit)
            let deliveries = try await consumer.consume(queue: queue, prefetch: Self.window)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await run.send(deliveries) }
                group.addTask { try await run.settle() }
                group.addTask {
                    await run.watch(until: .now + limit)
                    // What was not taken goes back to its place in the queue; what was taken is finished.
                    await consumer.cancel(deliveries)
                }
                try await group.waitForAll()
            }
        } catch {
            failure = error
        }
        await consumer.close()
        await publisher.close()
        if let failure { throw failure }
        return run.outcome
    }

    /// One call of `move`.
    private final class Run: Sendable {
        private struct Sent: Sendable {
            var delivery: AMQPDelivery
            var confirm: Task<Void, any Error>
        }

        private struct State {
            var underWay = 0
            var outcome = MoveOutcome(moved: 0, hasCaughtUp: false)
            var lastActivity = ContinuousClock.now
            var hasFailed = false
        }

        private let exchange: String
        private let publisher: AMQPPublisher
        private let state = Mutex(State())
        /// Bounded by the prefetch.
        private let sent: AsyncStream<Sent>
        private let sentQueue: AsyncStream<Sent>.Continuation

        init(exchange: String, publisher: AMQPPublisher) {
            self.exchange = exchange
            self.publisher = publisher
            (sent, sentQueue) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
        }

        var outcome: MoveOutcome { state.withLock { $0.outcome } }

        func send(_ deliveries: AMQPDeliveries) async {
            for await delivery in deliveries {
                let isFailed = state.withLock {
                    $0.underWay += 1
                    $0.lastActivity = .now
                    return $0.hasFailed
                }
                // After a failure nothing later may get ahead of it: closing the channel brings all of them back.
                if isFailed { break }
                var message = delivery.message
                // The broker takes no user id but the publisher's own.
                message.properties.userID = nil
                let (exchange, publisher, key, copy) = (exchange, publisher, delivery.routingKey, message)
                // Begun at once, up to the publisher's own queue: they get there in the order in which they are begun here.
                let confirm = Task.immediate {
                    try await publisher.publish(copy, to: exchange, routingKey: key, deadline: .now + AMQPMessageMover.publishLimit)
                }
                sentQueue.yield(Sent(delivery: delivery, confirm: confirm))
            }
            sentQueue.finish()
        }

        func settle() async throws {
            for await sent in sent {
                do {
                    try await sent.confirm.value
                } catch {
                    state.withLock { $0.hasFailed = true }
                    throw error
                }
                await sent.delivery.ack()
                state.withLock {
                    $0.underWay -= 1
                    $0.outcome.moved += 1
                    $0.lastActivity = .now
                }
            }
        }

        /// Returns when nothing has come for a while, or at the limit.
        func watch(until deadline: ContinuousClock.Instant) async {
            while ContinuousClock.now < deadline, !Task.isCancelled {
                let isCaughtUp = state.withLock { state in
                    let isCaughtUp = state.underWay == 0 && state.lastActivity.duration(to: .now) >= AMQPMessageMover.patience
                    if isCaughtUp { state.outcome.hasCaughtUp = true }
                    return isCaughtUp
                }
                if isCaughtUp { return }
                try? await Task.sleep(for: AMQPMessageMover.lookInterval)
            }
        }
    }
}
