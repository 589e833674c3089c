/// Where entries and generations lie. Every call ends within the store's own short time; failure is an answer, not an error.
protocol CacheStore: Sendable {
    /// - Returns: a value or nil for each key; nil as a whole when the store is away.
    func values(of keys: [String]) async -> [[UInt8]?]?
    func set(_ key: String, to value: [UInt8], milliseconds: Int64) async
    /// Writes each value whose key has none.
    func setMissing(_ values: [(key: String, value: String)]) async
    /// - Returns: whether all were incremented.
    func increment(_ keys: [String]) async -> Bool
    func close() async
}
