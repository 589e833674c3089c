import Synchronization

/// Lets one of many equal requests ask the upstream while the others wait for what it gets: within this process, over all event loops.
final class SingleFlight: Sendable {
    /// Requests are equal only when they saw the same generations: who came after an event must not get what was asked for before it.
    struct Key: Hashable, Sendable {
        var key: String
        var generations: [String]
    }

    enum Outcome: Sendable {
        case entry(CacheEntry)
        /// The response is for the one that asked alone.
        case uncacheable
        case refused(Problem)
        /// The one that asked is gone; somebody else has to.
        case abandoned
    }

    enum Role: Sendable {
        /// To ask, and then to call `settle` and `forget`.
        case leader
        /// `onOutcome` will be called, from any thread, or was already.
        case follower
    }

    private struct Flight {
        var followers: [@Sendable (Outcome) -> Void] = []
        var entry: CacheEntry?
    }

    private let flights = Mutex<[Key: Flight]>([:])

    func join(_ key: Key, onOutcome: @escaping @Sendable (Outcome) -> Void) -> Role {
        let (role, entry): (Role, CacheEntry?) = flights.withLock { flights in
            guard flights[key] != nil else {
                flights[key] = Flight()
                return (.leader, nil)
            }
            if let entry = flights[key]?.entry { return (.follower, entry) }
            flights[key]?.followers.append(onOutcome)
            return (.follower, nil)
        }
        if let entry { onOutcome(.entry(entry)) }
        return role
    }

    /// An entry is still handed to those who come until `forget`; any other outcome ends the flight.
    func settle(_ key: Key, _ outcome: Outcome) {
        let followers = flights.withLock { flights in
            let followers = flights[key]?.followers ?? []
            if case .entry(let entry) = outcome { flights[key] = Flight(entry: entry) } else { flights[key] = nil }
            return followers
        }
        for follower in followers { follower(outcome) }
    }

    /// The entry lies in the store now.
    func forget(_ key: Key) {
        flights.withLock { _ = $0.removeValue(forKey: key) }
    }
}
