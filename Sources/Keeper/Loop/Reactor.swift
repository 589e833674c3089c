internal import CLinux
import Glibc

/// The keeper's one thread: descriptors that became ready, timers, and signals, one after the other.
final class Reactor {
    private static let eventsPerTurn = 256

    typealias TimerID = UInt64

    private struct Watch {
        let token: UInt64
        let handler: () -> Void
    }

    private struct Timer {
        let deadline: ContinuousClock.Instant
        let body: () -> Void
    }

    private let epoll: Descriptor
    private var watches: [Int32: Watch] = [:]
    private var descriptors: [UInt64: Int32] = [:]
    private var timers: [TimerID: Timer] = [:]
    private var lastToken: UInt64 = 0

    init() throws(SystemError) {
        let number = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard number >= 0 else { throw .last("epoll_create1") }
        epoll = Descriptor(number)
    }

    /// Calls `handler` each time the descriptor is readable or hung up, until `unwatch`.
    func watch(_ descriptor: Descriptor, handler: @escaping () -> Void) throws(SystemError) {
        lastToken += 1
        let result = clinux_epoll_add(epoll.number, descriptor.number, EPOLLIN.rawValue, lastToken)
        guard result == 0 else { throw SystemError(step: "epoll_ctl", number: -result) }
        watches[descriptor.number] = Watch(token: lastToken, handler: handler)
        descriptors[lastToken] = descriptor.number
    }

    func setInterest(_ descriptor: Descriptor, reads: Bool, writes: Bool) {
        guard let watch = watches[descriptor.number] else { return }
        let events = (reads ? EPOLLIN.rawValue : 0) | (writes ? EPOLLOUT.rawValue : 0)
        _ = clinux_epoll_modify(epoll.number, descriptor.number, events, watch.token)
    }

    /// Before the descriptor is closed.
    func unwatch(_ descriptor: Descriptor) {
        guard let watch = watches.removeValue(forKey: descriptor.number) else { return }
        descriptors.removeValue(forKey: watch.token)
        _ = clinux_epoll_remove(epoll.number, descriptor.number)
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

    /// Waits until something happens, and handles it.
    func turn() throws(SystemError) {
        var events = [clinux_event](repeating: clinux_event(), count: Self.eventsPerTurn)
        let count = clinux_epoll_wait(epoll.number, &events, Int32(events.count), timeout())
        guard count >= 0 else { throw SystemError(step: "epoll_wait", number: -count) }
        for event in events.prefix(Int(count)) {
            // A handler before this one may have ended the watch; the token is then unknown, even if the number is in use again.
            guard let descriptor = descriptors[event.token] else { continue }
            watches[descriptor]?.handler()
        }
        fireTimers()
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
