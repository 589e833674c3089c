internal import Synchronization

/// Whether a transaction published anything, so that the relay is woken only for those that did.
final class PublicationCount: Sendable {
    private let count = Atomic<Int>(0)

    func increment() {
        count.add(1, ordering: .relaxed)
    }

    var value: Int { count.load(ordering: .relaxed) }

    var isPositive: Bool { value > 0 }
}
