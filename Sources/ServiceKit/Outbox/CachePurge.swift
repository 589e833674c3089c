import Logging
import Redis

/// Makes cached answers stale before the event that makes them so is published: whoever sees the event can no longer read them.
///
/// At best effort: a cache that is away must not hold events up. The gateway purges too when it sees the event.
struct CachePurge: Sendable {
    static let generationKey = "signalbox:cache:generation:"

    let redis: RedisClient
    /// Event types after which cached answers may be stale.
    let types: Set<String>
    let logger: Logger

    func purge(before rows: [OutboxRow]) async {
        let stale = Set(rows.map(\.type)).intersection(types).sorted()
        guard !stale.isEmpty else { return }
        do {
            _ = try await redis.pipeline(stale.map { [Array("INCR".utf8), Array((Self.generationKey + $0).utf8)] })
        } catch {
            logger.warning(
                "The cache could not be told of events; the gateway will",
                metadata: ["types": "\(stale.joined(separator: ", "))", "error": "\(error)"])
        }
    }
}
