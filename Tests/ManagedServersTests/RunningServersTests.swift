import TestSupport
import Testing

@Suite struct RunningServersTests {
    @Test func rabbitMQSurvivesAKillAndStopsCleanly() async throws {
        let broker = try await PrivateRabbitMQ.start()
        let host = try await broker.makeVirtualHost()
        #expect(try await broker.manage("GET", "/api/users").contains("guest") == false)
        try await broker.kill()
        try await broker.restart()
        #expect(try await broker.manage("GET", "/api/vhosts/\(host)").contains(host))
        try await broker.stop()
    }

    @Test func postgreSQLSurvivesAKillAndStopsCleanly() async throws {
        let database = try await PrivatePostgreSQL.start()
        try await database.kill()
        try await database.restart()
        try await database.stop()
    }

    @Test func redisStopsCleanly() async throws {
        let cache = try await PrivateRedis.start()
        try await cache.kill()
        try await cache.restart()
        try await cache.stop()
    }
}
