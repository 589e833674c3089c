import Synchronization
import Topology

/// Responses kept in a store and invalidated by events: an entry counts only while the generations of its route's event types are those
/// that were read before its upstream was asked.
final class ResponseCache: Sendable {
    enum Lookup: Sendable {
        /// The store is away, or cannot be trusted now.
        case bypass
        case hit(CacheEntry)
        case miss(generations: [String])
    }

    private let store: any CacheStore
    let flights = SingleFlight()
    private let isDistrusted = Atomic<Bool>(false)

    init(store: any CacheStore) { self.store = store }

    func look(up key: String, rule: RouteCache) async -> Lookup {
        guard !isDistrusted.load(ordering: .acquiring) else { return .bypass }
        let generationKeys = rule.invalidateOn.map(CacheRules.generationKey)
        guard var values = await store.values(of: [key] + generationKeys), values.count == generationKeys.count + 1 else { return .bypass }
        let missing = zip(generationKeys, values.dropFirst()).filter { $0.1 == nil }.map(\.0)
        if !missing.isEmpty {
            // Random, not 0: a generation that the store evicted must not come back as one that an old entry still names.
            await store.setMissing(missing.map { ($0, String(UInt64.random(in: 1...1 << 48))) })
            guard let again = await store.values(of: generationKeys), again.count == generationKeys.count else { return .bypass }
            values = values.prefix(1) + again
        }
        var generations: [String] = []
        for value in values.dropFirst() {
            guard let value else { return .bypass }
            generations.append(String(decoding: value, as: UTF8.self))
        }
        guard let bytes = values[0], let entry = CacheEntry(decoding: bytes), entry.generations == generations else {
            return .miss(generations: generations)
        }
        return .hit(entry)
    }

    func store(_ entry: CacheEntry, key: String, timeToLive: Duration) async {
        let milliseconds = timeToLive.components.seconds * 1000 + timeToLive.components.attoseconds / 1_000_000_000_000_000
        guard milliseconds > 0 else { return }
        await store.set(key, to: entry.encoded(), milliseconds: milliseconds)
    }

    /// - Returns: false when the store is away.
    func invalidate(_ eventTypes: some Sequence<String>) async -> Bool {
        await store.increment(eventTypes.map(CacheRules.generationKey))
    }

    /// While an invalidation could not be carried out, nothing is answered from the cache.
    func distrust(_ isDistrusted: Bool) { self.isDistrusted.store(isDistrusted, ordering: .releasing) }

    func close() async { await store.close() }
}
