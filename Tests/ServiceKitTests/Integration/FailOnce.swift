import Synchronization

/// Fails the first attempts for each id.
final class FailOnce: Sendable {
    struct Failure: Error {}

    private let seen = Mutex<[String: Int]>([:])

    func fail(_ id: String, times: Int = 1) throws {
        let count = seen.withLock { seen in
            seen[id, default: 0] += 1
            return seen[id, default: 0]
        }
        if count <= times { throw Failure() }
    }

    func attempts(_ id: String) -> Int {
        seen.withLock { $0[id] ?? 0 }
    }
}
