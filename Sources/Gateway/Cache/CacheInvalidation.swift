import AMQP
import Logging

/// Raises the generations of the event types that pass by on the bus: the second line, for services that do not do so themselves before they
/// publish.
struct CacheInvalidation: Sendable {
    private static let prefetch = 256
    /// Between two looks at the connection, and between two attempts at a store that is away.
    private static let period = Duration.milliseconds(100)

    let settings: GatewaySettings
    let broker: AMQPConfiguration
    let cache: ResponseCache
    let logger: Logger

    /// Until the task is cancelled.
    func run() async {
        let consumer = AMQPConsumer(configuration: broker, logger: logger)
        let bindings = settings.eventExchanges.flatMap { exchange in
            settings.eventTypes.map { AMQPBinding(exchange: exchange, routingKey: $0) }
        }
        do {
            let deliveries = try await consumer.consumeExclusive(
                queue: "signalbox.cache.\(settings.service).\(settings.instance)", bindings: bindings, prefetch: Self.prefetch)
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await watchConnection(consumer) }
                for await delivery in deliveries {
                    await invalidate([delivery.routingKey])
                    await delivery.ack()
                }
                group.cancelAll()
            }
        } catch {
            logger.error("the cache is invalidated by the services' own purges alone: \(error)")
        }
        await consumer.close()
    }

    /// What was published while nobody listened is not known: every generation goes up.
    private func watchConnection(_ consumer: AMQPConsumer) async {
        var wasConsuming = false
        repeat {
            let isConsuming = await consumer.isConsuming
            if isConsuming && !wasConsuming { await invalidate(settings.eventTypes) }
            wasConsuming = isConsuming
        } while (try? await Task.sleep(for: Self.period)) != nil
    }

    /// Returns when it is done. Until then nothing is answered from the cache.
    private func invalidate(_ types: [String]) async {
        if await cache.invalidate(types) { return }
        cache.distrust(true)
        logger.warning("the cache could not be told of \(types.joined(separator: ", ")); it is not used until it can")
        // All of them: those that came meanwhile wait behind this one.
        while await !cache.invalidate(settings.eventTypes) {
            guard (try? await Task.sleep(for: Self.period)) != nil else { return }
        }
        cache.distrust(false)
    }
}
