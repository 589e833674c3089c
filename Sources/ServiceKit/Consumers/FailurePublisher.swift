import AMQP
import Logging

/// Sends a message that failed to its queue's retry or dead-letter queue, with a confirm, before the original is acknowledged.
struct FailurePublisher: Sendable {
    static let confirmPatience: Duration = .seconds(10)
    static let longestPause: Duration = .seconds(30)

    enum Outcome: Sendable, Equatable {
        /// The broker has it.
        case sent
        /// The queue has no such way (a non-durable one).
        case hasNoWay
        /// The process stops first.
        case stopped
    }

    let publisher: AMQPPublisher
    let shutdown: Latch
    let logger: Logger

    /// Tries until the broker confirms or the process stops: what cannot be sent anywhere is held, never dropped.
    func send(_ message: AMQPMessage, of queue: String, to rung: Int?, settings: QueueSettings) async -> Outcome {
        guard let exchange = settings.retryExchange else { return .hasNoWay }
        let deadLetterQueue = "\(queue).dead"
        var routingKey = rung.map { "\(queue).retry.\($0)" } ?? deadLetterQueue
        var backoff = Backoff(maximum: Self.longestPause)
        while !shutdown.isTriggered && !Task.isCancelled {
            do throws(AMQPError) {
                try await publisher.publish(message, to: exchange, routingKey: routingKey, deadline: .now + Self.confirmPatience)
                return .sent
            } catch {
                logger.error(
                    "A failed message could not be sent on; it is held",
                    metadata: ["exchange": "\(exchange)", "routing_key": "\(routingKey)", "error": "\(error)"])
                if case .unroutable = error.code, routingKey != deadLetterQueue {
                    // The rung's queue is missing: better to rest among the dead letters at once than to be held.
                    routingKey = deadLetterQueue
                    continue
                }
            }
            await shutdown.wait(atMost: backoff.next().jittered)
        }
        return .stopped
    }
}
