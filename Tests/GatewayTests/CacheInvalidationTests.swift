import AMQP
import HTTPClient
import Logging
import Redis
import TestSupport
import Testing
import Topology

@testable import Gateway

/// Against the real RabbitMQ and Redis: a service that publishes an event and purges nothing itself.
struct CacheInvalidationTests {
    @Test func eventsOnTheBusInvalidate() async throws {
        let logger = Logger(label: "test")
        let event = "updated.\(UInt32.random(in: 0 ... .max))"
        let broker = try await PrivateRabbitMQ.shared()
        let redis = try await PrivateRedis.shared()
        let fixture = try await BusFixture.start(on: broker, queues: [])
        try await broker.manage("PUT", "/api/exchanges/\(fixture.virtualHost)/shop.events", #"{"type": "topic", "durable": true}"#)
        let upstream = try await UpstreamServer.start { _ in .answer(body: "x") }
        let path = "/i\(UInt32.random(in: 0 ... .max))"
        let configuration = GatewayConfiguration.service(
            path, ports: [upstream.port], cache: RouteCache(ttl: .seconds(60), invalidateOn: [event]))
        let store = RedisCacheStore(client: try RedisClient(url: redis.url, logger: logger))
        try await withGateway(try await .start(configuration, cache: store)) { gateway in
            let settings = try GatewaySettings([
                "SIGNALBOX_GATEWAY_CONFIGURATION": "/x", "PORT": "1", "SIGNALBOX_CACHE_EXCHANGES": "shop.events",
                "SIGNALBOX_CACHE_EVENTS": event,
            ])
            let cache = try #require(gateway.gateway.cache)
            let invalidation = CacheInvalidation(
                settings: settings, broker: try fixture.configuration("gateway"), cache: cache, logger: logger)
            let publisher = AMQPPublisher(configuration: try fixture.configuration("service"), logger: logger)
            let reader = try RedisClient(url: redis.url, logger: logger)
            let running = Task { await invalidation.run() }
            // The first consuming counts as a gap: the generation is there once it consumes.
            try await eventually { try await reader.get("signalbox:cache:generation:\(event)") != nil }
            try await eventually { try await gateway.send("GET", path).header("X-Cache") == "hit" }
            let before = upstream.requests.count
            let message = AMQPMessage(properties: AMQPProperties(type: event), body: Array("{}".utf8))
            try await publisher.publish(message, to: "shop.events", routingKey: event, deadline: .now + .seconds(10))
            try await eventually {
                _ = try await gateway.send("GET", path)
                return upstream.requests.count > before
            }
            running.cancel()
            await running.value
            await publisher.close()
        }
        await upstream.stop()
    }
}
