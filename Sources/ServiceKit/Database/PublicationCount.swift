internal import Synchronization

/// Whether a transaction published anything, so that the relay is woken only for those that did.
final class PublicationCount: Sendable {
    private let count = Atomic<Int>(0)
    private let scheduled = Atomic<Bool>(false)

    func increment(isScheduled: Bool = false) {
        count.add(1, ordering: .relaxed)
        if isScheduled { scheduled.store(true, ordering: .relaxed) }
    }

    var value: Int { count.load(ordering: .relaxed) }

    var isPositive: Bool { value > 0 }
    /// Some are to be published later.
    var hasScheduled: Bool { scheduled.load(ordering: .relaxed) }
}
