import Redis
@testable import ServiceKit
import Testing
import TestSupport

struct CachePurgeTests {
    /// Whoever has the event finds that cached answers are stale already.
    @Test(.timeLimit(.minutes(1))) func generationsRiseBeforeTheEventIsPublished() async throws {
        let surroundings = try await Surroundings()
        let redis = try await PrivateRedis.shared()
        try await surroundings.declare(queue: "mail.all", of: "mail", keys: ["#"])
        let type = "stock.updated.\(EventIdentifier.make())"
        let application = try surroundings.application("stock") {
            $0.redisURL = redis.url
            $0.cacheEvents = [type, "never.published"]
        }
        let client = try RedisClient(url: redis.url, logger: surroundings.logger)
        try await surroundings.running(application) {
            let database = try application.database
            for generation in 1...3 {
                try await database.transaction { transaction in
                    try await transaction.publish(Placed(order: "other", number: 0))
                    _ = try await transaction.execute("UPDATE signalbox_outbox SET type = $1, routing_key = $1", [type])
                }
                _ = try await surroundings.take(from: "mail.all")
                #expect(
                    try await client.get(CachePurge.generationKey + type).map { String(decoding: $0, as: UTF8.self) } == "\(generation)")
            }
            #expect(try await client.get(CachePurge.generationKey + "never.published") == nil)
        }
        await client.close()
        await surroundings.close()
    }

    @Test(.timeLimit(.minutes(1))) func aCacheThatIsAwayHoldsNoEventUp() async throws {
        let surroundings = try await Surroundings()
        try await surroundings.declare(queue: "mail.orders", of: "mail", keys: [Placed.type])
        let application = try surroundings.application("stock") {
            $0.redisURL = "redis://127.0.0.1:\(freePort())/0"
            $0.cacheEvents = [Placed.type]
        }
        try await surroundings.running(application) {
            let database = try application.database
            try await database.transaction { _ = try await $0.publish(Placed(order: "o", number: 1)) }
            _ = try await surroundings.take(from: "mail.orders")
        }
        await surroundings.close()
    }
}
