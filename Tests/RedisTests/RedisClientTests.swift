import Glibc
import Logging
import Redis
import TestSupport
import Testing

@Suite struct RedisClientTests {
    private func client() async throws -> RedisClient {
        try RedisClient(url: try await PrivateRedis.shared().url, timeout: .seconds(5), logger: Logger(label: "test"))
    }

    @Test func setsAndGetsBytes() async throws {
        let redis = try await client()
        let bytes: [UInt8] = [0, 13, 10, 255, 37, 115]
        try await redis.set("bytes", to: bytes, ttl: .seconds(60))
        #expect(try await redis.get("bytes") == bytes)
        try await redis.set("empty", to: [])
        #expect(try await redis.get("empty") == [])
        #expect(try await redis.get("nothing there") == nil)
        #expect(try await redis.delete("bytes", "empty", "nothing there") == 2)
    }

    @Test func aTTLEnds() async throws {
        let redis = try await client()
        try await redis.set("short", to: [1], ttl: .milliseconds(50))
        try await eventually("the key's end") { try await redis.get("short") == nil }
    }

    @Test func aRefusedCommandNamesItselfAndNotItsArguments() async throws {
        let redis = try await client()
        try await redis.set("text", to: Array("x".utf8))
        let error = await #expect(throws: RedisError.self) { try await redis.increment("text") }
        #expect(error?.code == .refused)
        #expect(error?.message.contains("INCR") == true)
    }

    @Test func aPipelineAnswersInOrderAndKeepsErrorsApart() async throws {
        let redis = try await client()
        let replies = try await redis.pipeline(
            [["SET", "p", "1"], ["INCR", "p"], ["NONSENSE"], ["GET", "p"]].map { $0.map { Array($0.utf8) } })
        #expect(replies[1] == .int(2) && replies[3].text == "2")
        guard case .error = replies[2] else { return #expect(Bool(false), "\(replies[2])") }
    }

    @Test func manyCallersShareOneConnection() async throws {
        let redis = try await client()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<2000 {
                group.addTask {
                    let value = Array("value \(number)".utf8)
                    try await redis.set("many:\(number)", to: value, ttl: .seconds(60))
                    let read = try await redis.get("many:\(number)")
                    #expect(read == value)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func failsAtOnceWhileRedisIsAwayAndHeals() async throws {
        let server = try await PrivateRedis.start()
        let redis = try RedisClient(url: server.url, timeout: .seconds(5), logger: Logger(label: "test"))
        #expect(await redis.ping())
        try await server.kill()
        try await eventually("the loss's being noticed") { await !redis.ping() }
        let error = await #expect(throws: RedisError.self) { try await redis.get("x") }
        #expect(error?.code == .notConnected)
        try await server.restart()
        try await eventually("the connection's return") { await redis.ping() }
        try await server.stop()
    }

    @Test func aServerThatDoesNotAnswerIsGivenUp() async throws {
        let server = try await PrivateRedis.start()
        let redis = try RedisClient(url: server.url, timeout: .milliseconds(100), logger: Logger(label: "test"))
        #expect(await redis.ping())
        let process = try #require(await server.processID())
        kill(process, SIGSTOP)
        let error = await #expect(throws: RedisError.self) { try await redis.get("x") }
        #expect(error?.code == .timeout)
        kill(process, SIGCONT)
        try await eventually("the connection's return") { await redis.ping() }
        try await server.stop()
    }

    @Test func aCancelledTaskReturns() async throws {
        let redis = try RedisClient(url: try await PrivateRedis.shared().url, timeout: .seconds(600), logger: Logger(label: "test"))
        let key = "nothing:\(UInt64.random(in: 0 ... .max))"
        let task = Task { try await redis.command(["BLPOP", key, "0"]) }
        try await eventually("the command's start") { await redis.isConnected }
        task.cancel()
        let error = await #expect(throws: RedisError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        await redis.close()
        let closed = await #expect(throws: RedisError.self) { try await redis.get(key) }
        #expect(closed?.code == .closed)
    }

    @Test func aWrongPasswordIsRefused() async throws {
        let port = try await PrivateRedis.shared().port
        let redis = try RedisClient(url: "redis://:wrong@127.0.0.1:\(port)/0", timeout: .seconds(5), logger: Logger(label: "test"))
        let error = await #expect(throws: RedisError.self) { try await redis.get("x") }
        #expect(error != nil)
        #expect(error?.message.contains("wrong") == false)
    }
}
