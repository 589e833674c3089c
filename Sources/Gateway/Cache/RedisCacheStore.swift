import Redis

/// The cache's store in Redis. Its client bounds every call by 250 ms.
struct RedisCacheStore: CacheStore {
    let client: RedisClient

    func values(of keys: [String]) async -> [[UInt8]?]? {
        guard !keys.isEmpty else { return [] }
        guard case .array(let replies)? = try? await client.command(["MGET"] + keys) else { return nil }
        return replies.map(\.bytes)
    }

    func set(_ key: String, to value: [UInt8], milliseconds: Int64) async {
        // An entry that was not stored is asked for again.
        try? await client.set(key, to: value, ttl: .milliseconds(milliseconds))
    }

    func setMissing(_ values: [(key: String, value: String)]) async {
        let commands = values.map { ["SET", $0.key, $0.value, "NX"].map { Array($0.utf8) } }
        // Reading the keys afterwards shows whether it was done.
        _ = try? await client.pipeline(commands)
    }

    func increment(_ keys: [String]) async -> Bool {
        guard !keys.isEmpty else { return true }
        guard let replies = try? await client.pipeline(keys.map { [Array("INCR".utf8), Array($0.utf8)] }) else { return false }
        return replies.allSatisfy { if case .int = $0 { true } else { false } }
    }

    func close() async { await client.close() }
}
