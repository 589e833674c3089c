import CPostgres
import Dispatch
import Synchronization

/// Tells servers to stop working on statements nobody waits for any more. `PQcancel` blocks, hence a thread of its own.
///
/// Best effort: a server that is asked too much is left to find out by itself that its client is gone.
final class PostgresCanceller: Sendable {
    static let maximumPending = 16

    private let queue = DispatchQueue(label: "postgres cancel")
    private let pending = Mutex(0)

    /// The request holds a copy of what it needs: the connection may be closed at once.
    func cancel(_ connection: OpaquePointer) {
        let isAccepted = pending.withLock { count in
            guard count < Self.maximumPending else { return false }
            count += 1
            return true
        }
        guard isAccepted else { return }
        // A `PGcancel` may be used from any thread (libpq manual, "Canceling Queries in Progress"); only the block below has this one.
        nonisolated(unsafe) let request = PQgetCancel(connection)
        queue.async { [self] in
            if let request {
                var reason = [CChar](repeating: 0, count: 256)
                PQcancel(request, &reason, Int32(reason.count))
                PQfreeCancel(request)
            }
            pending.withLock { $0 -= 1 }
        }
    }
}
