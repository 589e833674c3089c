import Glibc
internal import Synchronization

/// A thread of its own as a serial executor: it runs an actor's jobs, timers, and handlers of descriptors that became ready.
///
/// C client libraries block, and want all calls on one handle to come from one thread. An actor whose executor is an `EventThread` keeps
/// that promise and never blocks Swift's cooperative pool:
///
///     actor Connection {
///         private nonisolated let thread = EventThread(name: "amqp")
///         nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
///     }
///
/// The thread ends when the last reference to its `EventThread` is gone.
package final class EventThread: SerialExecutor {
    private let loop: EventLoop

    /// - Parameter name: shown by `ps -L` and debuggers; at most 15 bytes of it are kept.
    package init(name: String) {
        loop = EventLoop()
        loop.start(name: name)
    }

    deinit {
        loop.stop()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        loop.enqueue(UnownedJob(job), on: asUnownedSerialExecutor())
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    package func checkIsolated() {
        precondition(loop.isCurrentThread, "not on the EventThread that was expected")
    }

    /// Calls `handler` on the thread whenever `descriptor` is ready, until `unwatch`. To be called on the thread; a second call for the same
    /// descriptor replaces the first. An error or hang-up of the descriptor counts as ready.
    package func watch(_ descriptor: Int32, for interest: Interest, handler: @escaping () -> Void) {
        checkIsolated()
        loop.watch(descriptor, for: interest, handler: handler)
    }

    /// To be called on the thread, and before the descriptor is closed.
    package func unwatch(_ descriptor: Int32) {
        checkIsolated()
        loop.unwatch(descriptor)
    }

    /// Calls `body` once on the thread after `delay`, unless the timer is cancelled. To be called on the thread.
    @discardableResult
    package func schedule(after delay: Duration, _ body: @escaping () -> Void) -> TimerID {
        checkIsolated()
        return loop.schedule(after: delay, body)
    }

    /// Calls `body` once on the thread before it waits again: after the job, timer or handler that is running, and those that are due with it.
    /// What many of them have to do together is done once so. To be called on the thread.
    package func afterTurn(_ body: @escaping () -> Void) {
        checkIsolated()
        loop.afterTurn(body)
    }

    /// No more than a wasted call when the timer has fired already. To be called on the thread.
    package func cancel(_ timer: TimerID) {
        checkIsolated()
        loop.cancel(timer)
    }

    package struct Interest: OptionSet, Sendable {
        package let rawValue: Int16
        package init(rawValue: Int16) { self.rawValue = rawValue }

        package static let read = Interest(rawValue: Int16(POLLIN))
        package static let write = Interest(rawValue: Int16(POLLOUT))
    }

    package struct TimerID: Hashable, Sendable {
        let value: UInt64
    }
}
