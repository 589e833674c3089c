/// Which of several ready instances gets a request.
enum Balancer {
    /// The one with fewer requests in flight of two taken at random: close to the least loaded of all, without every event loop choosing the
    /// same one (Mitzenmacher, The Power of Two Choices in Randomized Load Balancing, 2001).
    /// - Returns: nil when there is none.
    static func choose(
        among candidates: [Endpoint], inFlight: [Endpoint: Int], random: inout some RandomNumberGenerator
    ) -> Endpoint? {
        guard candidates.count > 1 else { return candidates.first }
        let first = Int.random(in: 0..<candidates.count, using: &random)
        var second = Int.random(in: 0..<candidates.count - 1, using: &random)
        if second >= first { second += 1 }
        let (one, other) = (candidates[first], candidates[second])
        return inFlight[one, default: 0] <= inFlight[other, default: 0] ? one : other
    }
}
