import Testing

@testable import Redis

@Suite struct RedisURLTests {
    @Test func takesAURLApart() throws {
        let url = try RedisURL("redis://me:p%40ss%3Aword@cache.internal:7000/3")
        #expect(url.host == "cache.internal" && url.port == 7000 && url.user == "me" && url.password == "p@ss:word" && url.database == 3)
    }

    @Test func fillsInWhatIsMissing() throws {
        let url = try RedisURL("redis://:secret@[::1]")
        #expect(url.host == "::1" && url.port == 6379 && url.user == nil && url.password == "secret" && url.database == 0)
    }

    @Test(arguments: [
        "", "http://x", "redis://", "redis://h:port", "redis://h:0", "redis://h:70000", "redis://h/x", "redis://:p%4@h", "redis://:p%zz@h",
    ])
    func refusesOthersWithoutShowingThem(text: String) {
        let error = #expect(throws: RedisError.self) { try RedisURL(text) }
        #expect(error?.code == .invalidURL)
    }
}
