import HTTPTypes
import Synchronization

/// Bounds how many clients may follow logs and events at a time: each keeps a connection, files and a task.
final class StreamLimit: Sendable {
    static let maximum = 64

    private let open = Mutex(0)

    /// A place; given back when the last reference to it is gone.
    final class Place: Sendable {
        private let limit: StreamLimit

        fileprivate init(of limit: StreamLimit) { self.limit = limit }

        deinit { limit.open.withLock { $0 -= 1 } }
    }

    func take() throws(Problem) -> Place {
        let isFree = open.withLock { open in
            guard open < Self.maximum else { return false }
            open += 1
            return true
        }
        guard isFree else {
            throw Problem(
                .serviceUnavailable, "\(Self.maximum) clients follow logs or events already.",
                hint: "Close one of them, or ask without follow.",
                retryAfter: 5)
        }
        return Place(of: self)
    }
}
