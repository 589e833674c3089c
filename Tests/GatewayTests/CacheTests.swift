import HTTPClient
import Logging
import NIOCore
import Redis
import Synchronization
import TestSupport
import Testing
import Topology

@testable import Gateway

/// Against the real Redis.
struct CacheTests {
    private let logger = Logger(label: "test")
    /// Tests share the server: each has an event type and a path of its own.
    private let event = "event.\(UInt32.random(in: 0 ... .max))"
    private let path = "/p\(UInt32.random(in: 0 ... .max))"

    private func configuration(_ upstream: UpstreamServer, ttl: Duration = .seconds(30)) -> GatewayConfiguration {
        .service(path, ports: [upstream.port], cache: RouteCache(ttl: ttl, invalidateOn: [event, "\(event).other"]))
    }

    private func store(_ redis: PrivateRedis) throws -> RedisCacheStore {
        RedisCacheStore(client: try RedisClient(url: redis.url, timeout: .seconds(5), logger: logger))
    }

    @Test func secondAnswerComesFromTheCacheUntilAnEvent() async throws {
        let count = Mutex(0)
        let upstream = try await UpstreamServer.start { _ in
            .answer(headers: [("ETag", "\"1\""), ("X-Request-Id", "upstream's")], body: "\(count.withLock { $0 += 1; return $0 })")
        }
        let redis = try await PrivateRedis.shared()
        try await withGateway(try await .start(configuration(upstream), cache: store(redis))) { gateway in
            let first = try await gateway.send("GET", "\(path)/a?y=1&x=2")
            #expect(first.header("X-Cache") == "miss")
            try await eventually("the entry is stored") { try await gateway.send("GET", "\(path)/a?x=2&y=1").header("X-Cache") == "hit" }
            let second = try await gateway.send("GET", "\(path)/a?x=2&y=1")
            #expect(second.text == first.text)
            #expect(second.header("ETag") == "\"1\"")
            #expect(second.header("Age") != nil)
            #expect(second.header("X-Request-Id") != first.header("X-Request-Id"))
            // As a service does before it publishes the event.
            try await RedisClient(url: redis.url, logger: logger).increment("signalbox:cache:generation:\(event)")
            let third = try await gateway.send("GET", "\(path)/a?x=2&y=1")
            #expect(third.header("X-Cache") == "miss")
            #expect(third.text != first.text)
            #expect(try await gateway.send("GET", "\(path)/a", headers: [("Authorization", "x")]).header("X-Cache") == "bypass")
            let routes = await gateway.metrics().routes
            #expect(routes[path]?.byCacheResult["miss"] == 2)
        }
        await upstream.stop()
    }

    @Test func anEventDuringTheUpstreamsWorkKeepsItsAnswerOut() async throws {
        let redis = try await PrivateRedis.shared()
        let release = Mutex(false)
        let upstream = try await UpstreamServer.start { _ in release.withLock { $0 } ? .answer(body: "new") : .silence }
        try await withGateway(try await .start(configuration(upstream), cache: store(redis))) { gateway in
            let client = try await gateway.connect()
            try await client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually { upstream.requests.count == 1 }
            try await RedisClient(url: redis.url, logger: logger).increment("signalbox:cache:generation:\(event)")
            release.withLock { $0 = true }
            // It does not wait for the one that asked before the event.
            #expect(try await gateway.send("GET", path).text == "new")
            await client.close()
        }
        await upstream.stop()
    }

    @Test func equalMissesAskOnce() async throws {
        let upstream = try await UpstreamServer.start { _ in .stream(300_000) }
        let redis = try await PrivateRedis.shared()
        try await withGateway(try await .start(configuration(upstream), threads: 2, cache: store(redis))) { gateway in
            let sizes = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<50 { group.addTask { try await gateway.send("GET", path).body.count } }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(sizes == [300_000])
            #expect(upstream.requests.count == 1)
        }
        await upstream.stop()
    }

    @Test func whatMayNotBeKeptIsAskedForEachTime() async throws {
        let upstream = try await UpstreamServer.start { request in
            switch request.uri {
            case let uri where uri.hasSuffix("/private"): .answer(headers: [("Cache-Control", "private")], body: "x")
            case let uri where uri.hasSuffix("/big"): .stream(2 << 20)
            default: .answer(status: 404, body: "x")
            }
        }
        let redis = try await PrivateRedis.shared()
        try await withGateway(try await .start(configuration(upstream), cache: store(redis))) { gateway in
            for part in ["private", "big", "missing"] {
                for _ in 0..<2 {
                    let answer = try await gateway.send("GET", "\(path)/\(part)")
                    #expect(answer.header("X-Cache") == "miss")
                }
            }
            #expect(upstream.requests.count == 6)
        }
        await upstream.stop()
    }

    @Test func entriesExpire() async throws {
        let upstream = try await UpstreamServer.start { _ in .answer(body: "x") }
        let redis = try await PrivateRedis.shared()
        try await withGateway(try await .start(configuration(upstream, ttl: .milliseconds(200)), cache: store(redis))) { gateway in
            _ = try await gateway.send("GET", path)
            try await eventually { try await gateway.send("GET", path).header("X-Cache") == "miss" }
        }
        await upstream.stop()
    }

    @Test func withoutRedisEverythingStillWorks() async throws {
        let upstream = try await UpstreamServer.start { _ in .answer(body: "x") }
        let redis = try await PrivateRedis.start()
        try await withGateway(try await .start(configuration(upstream), cache: store(redis))) { gateway in
            _ = try await gateway.send("GET", path)
            try await redis.kill()
            for _ in 0..<3 {
                let start = ContinuousClock.now
                let answer = try await gateway.send("GET", path)
                #expect(answer.text == "x")
                #expect(answer.header("X-Cache") == "bypass")
                #expect(ContinuousClock.now - start < .seconds(5))
            }
            try await redis.restart()
            try await eventually { try await gateway.send("GET", path).header("X-Cache") == "hit" }
        }
        try await redis.stop()
        await upstream.stop()
    }
}
