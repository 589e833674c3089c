import Glibc
internal import Synchronization

/// How many traces a process may begin in a second. Reads have a budget of their own, so that many of them leave room for the orders.
package final class TraceBudget: Sendable {
    package static let reads = 100
    package static let work = 1000

    /// Of a second that is over, the count is begun anew. Two threads that see the new second at once may take a few more than there are.
    private struct Window: ~Copyable, Sendable {
        let second = Atomic<Int>(0)
        let taken = Atomic<Int>(0)

        func take(_ limit: Int, now: Int) -> Bool {
            let last = second.load(ordering: .relaxed)
            if last != now, second.compareExchange(expected: last, desired: now, ordering: .relaxed).exchanged {
                taken.store(0, ordering: .relaxed)
            }
            return taken.wrappingAdd(1, ordering: .relaxed).oldValue < limit
        }
    }

    private let readWindow = Window()
    private let workWindow = Window()

    package init() {}

    func take(for cause: TraceSampling.Cause) -> Bool { take(for: cause, second: Self.now) }

    /// - Parameter second: of any clock that does not run backwards.
    func take(for cause: TraceSampling.Cause, second: Int) -> Bool {
        switch cause {
        case .read: readWindow.take(Self.reads, now: second)
        case .work: workWindow.take(Self.work, now: second)
        }
    }

    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return time.tv_sec
    }
}
