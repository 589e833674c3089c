internal import CLinux
import Glibc

/// The keeper's one thread: descriptors that became ready, timers, and signals, one after the other.
final class Reactor {
    private static let eventsPerTurn = 256
    /// Bulk descriptors of one turn, so that everything else is looked at between them, however much they bring.
    private static let bulkEventsPerTurn = 4

    typealias TimerID = UInt64

    private struct Watch {
        let token: UInt64
        let isBulk: Bool
        let handler: () -> Void
    }

    private struct Timer {
        let deadline: ContinuousClock.Instant
        let body: () -> Void
    }

    private let epoll: Descriptor
    /// Watched by `epoll`; the kernel hands its ready descriptors out in turn.
    private let bulk: Descriptor
    private static let bulkToken: UInt64 = 0
    private var watches: [Int32: Watch] = [:]
    private var descriptors: [UInt64: Int32] = [:]
    private var timers: [TimerID: Timer] = [:]
    private var lastToken = Reactor.bulkToken
    private var events = [clinux_event](repeating: clinux_event(), count: eventsPerTurn)

    init() throws(SystemError) {
        epoll = try Self.makeEpoll()
        bulk = try Self.makeEpoll()
        let result = clinux_epoll_add(epoll.number, bulk.number, EPOLLIN.rawValue, Self.bulkToken)
        guard result == 0 else { throw SystemError(step: "epoll_ctl", number: -result) }
    }

    private static func makeEpoll() throws(SystemError) -> Descriptor {
        let number = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard number >= 0 else { throw .last("epoll_create1") }
        return Descriptor(number)
    }

    /// Calls `handler` each time the descriptor is readable or hung up, until `unwatch`.
    ///
    /// - Parameter isBulk: it may be ready all the time, and comes after those that are not.
    func watch(_ descriptor: Descriptor, isBulk: Bool = false, handler: @escaping () -> Void) throws(SystemError) {
        lastToken += 1
        let set = isBulk ? bulk : epoll
        let result = clinux_epoll_add(set.number, descriptor.number, EPOLLIN.rawValue, lastToken)
        guard result == 0 else { throw SystemError(step: "epoll_ctl", number: -result) }
        watches[descriptor.number] = Watch(token: lastToken, isBulk: isBulk, handler: handler)
        descriptors[lastToken] = descriptor.number
    }

    func setInterest(_ descriptor: Descriptor, reads: Bool, writes: Bool) {
        guard let watch = watches[descriptor.number] else { return }
        let events = (reads ? EPOLLIN.rawValue : 0) | (writes ? EPOLLOUT.rawValue : 0)
        _ = clinux_epoll_modify((watch.isBulk ? bulk : epoll).number, descriptor.number, events, watch.token)
    }

    /// Before the descriptor is closed.
    func unwatch(_ descriptor: Descriptor) {
        guard let watch = watches.removeValue(forKey: descriptor.number) else { return }
        descriptors.removeValue(forKey: watch.token)
        _ = clinux_epoll_remove((watch.isBulk ? bulk : epoll).number, descriptor.number)
    }

    @discardableResult
    func schedule(after delay: Duration, _ body: @escaping () -> Void) -> TimerID {
        lastToken += 1
        timers[lastToken] = Timer(deadline: .now + delay, body: body)
        return lastToken
    }

    func cancel(_ timer: TimerID) {
        timers.removeValue(forKey: timer)
    }

    /// Waits until something happens, and handles it: the bulk last.
    func turn() throws(SystemError) {
        let isBulkReady = try dispatch(epoll, Self.eventsPerTurn, timeout())
        fireTimers()
        if isBulkReady { _ = try dispatch(bulk, Self.bulkEventsPerTurn, 0) }
    }

    /// - Returns: whether there is something in `bulk`.
    private func dispatch(_ set: Descriptor, _ capacity: Int, _ timeout: Int32) throws(SystemError) -> Bool {
        let count = clinux_epoll_wait(set.number, &events, Int32(capacity), timeout)
        guard count >= 0 else { throw SystemError(step: "epoll_wait", number: -count) }
        var isBulkReady = false
        for index in 0..<Int(count) {
            let token = events[index].token
            if token == Self.bulkToken { isBulkReady = true }
            // A handler before this one may have ended the watch; the token is then unknown, even if the number is in use again.
            guard let descriptor = descriptors[token] else { continue }
            watches[descriptor]?.handler()
        }
        return isBulkReady
    }

    private func fireTimers() {
        guard !timers.isEmpty else { return }
        let now = ContinuousClock.now
        for (id, timer) in timers.filter({ $0.value.deadline <= now }).sorted(by: { $0.value.deadline < $1.value.deadline }) {
            // One before it may have cancelled it.
            if timers.removeValue(forKey: id) != nil { timer.body() }
        }
    }

    /// Milliseconds, rounded up, so that a timer is due when the wait is over.
    private func timeout() -> Int32 {
        guard let next = timers.values.map(\.deadline).min() else { return -1 }
        let rest = ContinuousClock.now.duration(to: next)
        guard rest > .zero else { return 0 }
        let (seconds, attoseconds) = rest.components
        guard seconds < Int64(Int32.max) / 1000 else { return Int32.max }
        return Int32(seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
    }
}
