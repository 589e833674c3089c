import AMQP
import BrokerTopology
import Logging

/// Sends dead letters back to the queue they came from: each is taken, published with a confirm, and only then acknowledged. What fails in
/// between is there twice rather than not at all, and the inbox of whoever handles it knows it by its id.
struct DeadLetterReplayer {
    static let prefetch = 50
    /// A queue that has given nothing for so long is empty.
    static let patience = Duration.seconds(1)
    static let publishLimit = Duration.seconds(5)
    /// Of one call.
    static let limit = 10_000

    let url: String
    let logger: Logger

    /// - Returns: how many have been sent back.
    func replay(from deadLetters: String, to queue: String, limit: Int) async throws(AMQPError) -> Int {
        let configuration = try AMQPConfiguration(url: url, connectionName: "signalbox replay")
        let consumer = AMQPConsumer(configuration: configuration, logger: logger)
        let publisher = AMQPPublisher(configuration: configuration, logger: logger)
        let result: Result<Int, AMQPError>
        do {
            try await consumer.waitUntilConnected(deadline: .now + Self.publishLimit)
            let deliveries = try await consumer.consume(queue: deadLetters, prefetch: min(Self.prefetch, max(1, limit)))
            result = .success(try await send(deliveries, to: queue, by: publisher, limit: min(limit, Self.limit)))
            await consumer.cancel(deliveries)
        } catch {
            result = .failure(error)
        }
        await consumer.close()
        await publisher.close()
        return try result.get()
    }

    private func send(
        _ deliveries: AMQPDeliveries, to queue: String, by publisher: AMQPPublisher, limit: Int
    ) async throws(AMQPError) -> Int {
        var count = 0
        var seen: Set<String> = []
        while count < limit, let delivery = await next(of: deliveries) {
            // One that fails again comes back here at once: it has had its chance.
            if let id = delivery.message.properties.messageID, !seen.insert(id).inserted {
                await delivery.reject(requeue: true)
                break
            }
            var message = delivery.message
            for header in DeadLetter.failureHeaders { message.properties.headers[header] = nil }
            message.properties.expiration = nil
            do {
                try await publisher.publish(message, to: "", routingKey: queue, deadline: .now + Self.publishLimit)
            } catch {
                await delivery.reject(requeue: true)
                throw error
            }
            await delivery.ack()
            count += 1
        }
        return count
    }

    private func next(of deliveries: AMQPDeliveries) async -> AMQPDelivery? {
        await withTaskGroup(of: AMQPDelivery?.self) { group in
            group.addTask {
                var iterator = deliveries.makeAsyncIterator()
                return await iterator.next()
            }
            group.addTask {
                try? await Task.sleep(for: Self.patience)
                return nil
            }
            var found: AMQPDelivery?
            for await delivery in group {
                if found == nil { found = delivery }
                group.cancelAll()
            }
            return found
        }
    }
}
