extension RedisClient {
    /// GET; nil when there is no such key.
    public func get(_ key: String) async throws(RedisError) -> [UInt8]? {
        try await command(["GET", key]).bytes
    }

    /// SET.
    /// - Parameter ttl: to the millisecond, at least one; nil for no end.
    public func set(_ key: String, to value: [UInt8], ttl: Duration? = nil) async throws(RedisError) {
        var arguments = [Array("SET".utf8), Array(key.utf8), value]
        if let ttl { arguments += [Array("PX".utf8), Array(String(max(1, ttl.milliseconds)).utf8)] }
        _ = try await command(arguments)
    }

    public func set(_ key: String, to value: String, ttl: Duration? = nil) async throws(RedisError) {
        try await set(key, to: Array(value.utf8), ttl: ttl)
    }

    /// DEL.
    /// - Returns: how many of the keys there were.
    @discardableResult
    public func delete(_ keys: [String]) async throws(RedisError) -> Int {
        guard !keys.isEmpty else { return 0 }
        return Int(try await integer(["DEL"] + keys))
    }

    /// INCRBY; a key that is not there counts as 0.
    /// - Returns: the new value.
    @discardableResult
    public func increment(_ key: String, by amount: Int64 = 1) async throws(RedisError) -> Int64 {
        try await integer(["INCRBY", key, String(amount)])
    }

    /// MGET; nil for each key that is not there.
    public func get(_ keys: [String]) async throws(RedisError) -> [[UInt8]?] {
        guard !keys.isEmpty else { return [] }
        guard case .array(let values) = try await command(["MGET"] + keys), values.count == keys.count else {
            throw RedisError(.unexpectedReply, "the cache answered MGET with something else than a value for each key")
        }
        return values.map(\.bytes)
    }

    /// DEL.
    @discardableResult
    public func delete(_ keys: String...) async throws(RedisError) -> Int {
        try await delete(keys)
    }

    /// Whether the server answers.
    public func ping() async -> Bool {
        (try? await command(["PING"])) == .status("PONG")
    }

    private func integer(_ arguments: [String]) async throws(RedisError) -> Int64 {
        guard case .int(let value) = try await command(arguments) else {
            throw RedisError(.unexpectedReply, "the cache answered \(arguments[0]) with something else than a number")
        }
        return value
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
