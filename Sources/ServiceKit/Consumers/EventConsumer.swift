import AMQP
import FoundationEssentials
import Logging
internal import Synchronization

/// Handles the events of one queue: up to its prefetch at once, those of one subject one after the other.
struct EventConsumer: Sendable {
    /// For one attempt, waiting for the database included.
    static let handlerPatience: Duration = .seconds(30)
    /// Deliveries that ended without an outcome: after so many it is likely that the message kills its process.
    /// Below the broker's own limit for work queues (20), which would dead-letter it without a cause.
    static let maximumDeliveries = 15
    static let longestAwayPause: Duration = .seconds(2)

    let queue: String
    let settings: QueueSettings
    /// By event type.
    let handlers: [String: EventHandler]
    let database: Database
    let failures: FailurePublisher
    let shutdown: Latch
    let metrics: Metrics
    let logger: Logger

    private final class Lanes: Sendable {
        let lanes = Mutex(SerialLanes<String, AMQPDelivery>())
    }

    private enum Outcome: Sendable {
        case handled
        case duplicate
    }

    /// Returns when the sequence has ended and everything that was taken from it is settled.
    func run(_ deliveries: some AsyncSequence<AMQPDelivery, Never> & Sendable) async {
        let board = Lanes()
        await withDiscardingTaskGroup { group in
            for await delivery in deliveries {
                let lane = Self.lane(of: delivery)
                guard let first = board.lanes.withLock({ $0.enter(delivery, lane: lane) }) else { continue }
                group.addTask {
                    var next: AMQPDelivery? = first
                    while let delivery = next {
                        await settle(delivery)
                        next = board.lanes.withLock { $0.leave(lane) }
                    }
                }
            }
        }
    }

    private static func lane(of delivery: AMQPDelivery) -> String {
        let subject = (try? EventCodec.metadata(of: delivery.message, routingKey: delivery.routingKey))?.subject ?? ""
        return subject.isEmpty ? "message \(EventIdentifier.make())" : "subject \(subject)"
    }

    private func settle(_ delivery: AMQPDelivery) async {
        let metadata: EventMetadata
        do {
            metadata = try EventCodec.metadata(of: delivery.message, routingKey: delivery.routingKey)
        } catch {
            return await giveUp(delivery, attempts: 1, cause: error.message, logger: logger)
        }
        let trace = Trace.child(of: metadata.traceparent)
        await Trace.$current.withValue(trace) {
            var logger = logger
            logger[metadataKey: "queue"] = "\(queue)"
            logger[metadataKey: "event"] = "\(metadata.id)"
            logger[metadataKey: "type"] = "\(metadata.type)"
            if !metadata.subject.isEmpty { logger[metadataKey: "subject"] = "\(metadata.subject)" }
            if let count = delivery.deliveryCount, count >= Self.maximumDeliveries {
                return await giveUp(
                    delivery, attempts: metadata.attempt,
                    cause: "Delivered \(count) times without an outcome; the process that handled it ended each time.", logger: logger)
            }
            guard let handler = handlers[metadata.type] else {
                let known = handlers.keys.sorted().joined(separator: ", ")
                return await giveUp(
                    delivery, attempts: metadata.attempt,
                    cause: "No handler for events of type '\(metadata.type)' on queue '\(queue)'; there are some for \(known).",
                    logger: logger)
            }
            await handle(delivery, metadata, handler, trace, logger)
        }
    }

    private func handle(
        _ delivery: AMQPDelivery, _ metadata: EventMetadata, _ handler: EventHandler, _ trace: Trace, _ logger: Logger
    ) async {
        var metadata = metadata
        var away = Backoff(maximum: Self.longestAwayPause)
        while true {
            let start = ContinuousClock.now
            do {
                let outcome = try await attempt(handler, delivery.message.body, metadata, trace)
                metrics.observe(.handlerSeconds, [queue, metadata.type], .now - start)
                metrics.add(outcome == .handled ? .handled : .duplicates, [queue, metadata.type])
                logger.debug(outcome == .handled ? "Event handled" : "Event was handled before")
                return await delivery.ack()
            } catch {
                metrics.observe(.handlerSeconds, [queue, metadata.type], .now - start)
                if Task.isCancelled { return await delivery.reject(requeue: true) }
                var kind = FailureKind.of(error)
                if kind == .timedOut { kind = await database.isAnswering ? .transient : .databaseAway }
                if kind == .databaseAway {
                    logger.warning("The database is away; the event waits", metadata: ["error": "\(error)"])
                    await shutdown.wait(atMost: away.next().jittered)
                    if shutdown.isTriggered || Task.isCancelled { return await delivery.reject(requeue: true) }
                    continue
                }
                metrics.add(.failed, [queue, metadata.type])
                let decision = kind == .permanent ? .deadLetter : RetryDecision.afterFailure(attempts: metadata.attempt, settings: settings)
                switch decision {
                case .attemptAgain(let pause):
                    logger.warning(
                        "An event's handler failed and is tried again", metadata: ["attempt": "\(metadata.attempt)", "error": "\(error)"])
                    await shutdown.wait(atMost: pause.jittered)
                    if shutdown.isTriggered || Task.isCancelled { return await delivery.reject(requeue: true) }
                    metadata.attempt += 1
                case .retryLater(let rung):
                    logger.warning(
                        "An event's handler failed; it is tried again later",
                        metadata: ["attempt": "\(metadata.attempt)", "error": "\(error)"])
                    return await retryLater(delivery, rung: rung, attempts: metadata.attempt, cause: "\(error)", logger: logger)
                case .deadLetter:
                    return await giveUp(delivery, attempts: metadata.attempt, cause: "\(error)", logger: logger)
                }
            }
        }
    }

    private func attempt(_ handler: EventHandler, _ body: [UInt8], _ metadata: EventMetadata, _ trace: Trace) async throws -> Outcome {
        try await database.transaction(within: Self.handlerPatience, traceparent: trace.traceparent) { transaction in
            guard try await transaction.execute(Inbox.insert, [metadata.id, queue]) == 1 else { return .duplicate }
            try await handler.run(body, metadata, transaction)
            return .handled
        }
    }

    private func retryLater(_ delivery: AMQPDelivery, rung: Int, attempts: Int, cause: String, logger: Logger) async {
        let record = FailureRecord(after: delivery.message, attempts: attempts, cause: cause, originQueue: queue, now: .now)
        switch await failures.send(record.applied(to: delivery.message), of: queue, to: rung, settings: settings) {
        case .sent:
            metrics.add(.retried, [queue])
            await delivery.ack()
        case .hasNoWay: await drop(delivery, cause: cause, logger: logger)
        case .stopped: await delivery.reject(requeue: true)
        }
    }

    private func giveUp(_ delivery: AMQPDelivery, attempts: Int, cause: String, logger: Logger) async {
        let record = FailureRecord(after: delivery.message, attempts: attempts, cause: cause, originQueue: queue, now: .now)
        switch await failures.send(record.applied(to: delivery.message), of: queue, to: nil, settings: settings) {
        case .sent:
            metrics.add(.deadLettered, [queue])
            logger.error("An event rests in the dead-letter queue", metadata: ["attempts": "\(attempts)", "cause": "\(cause)"])
            await delivery.ack()
        case .hasNoWay: await drop(delivery, cause: cause, logger: logger)
        case .stopped: await delivery.reject(requeue: true)
        }
    }

    /// Only where the topology gives the queue no retries and no dead letters.
    private func drop(_ delivery: AMQPDelivery, cause: String, logger: Logger) async {
        logger.error("An event failed and its queue has neither retries nor dead letters: it is given up", metadata: ["cause": "\(cause)"])
        await delivery.reject(requeue: false)
    }
}
