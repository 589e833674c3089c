import Synchronization

/// Settlements on their way from any task to the consumer's thread: whoever settles does not wait for the thread, and the thread takes all
/// that have come at once. Its bound is what was delivered and not settled.
final class SettlementInbox: Sendable {
    struct Entry: Sendable {
        let subscription: UInt64
        let tag: Subscription.Tag
        let settlement: AMQPDelivery.Settlement
    }

    private let entries = Mutex<[Entry]>([])

    /// - Returns: whether it is the first since `takeAll`: then somebody has to see to it that `takeAll` is called.
    func add(_ entry: Entry) -> Bool {
        entries.withLock { entries in
            entries.append(entry)
            return entries.count == 1
        }
    }

    func takeAll() -> [Entry] {
        entries.withLock { entries in
            defer { entries.removeAll(keepingCapacity: true) }
            return entries
        }
    }
}
