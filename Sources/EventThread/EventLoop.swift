internal import CLinux
import Glibc
internal import Synchronization

/// What runs on an `EventThread`.
///
/// `@unchecked Sendable`: `inbox` is behind a mutex, `thread` and `wakeUp` are written before the thread starts; everything else is touched
/// on the thread alone.
final class EventLoop: @unchecked Sendable {
    private struct Inbox {
        var jobs: [(job: UnownedJob, executor: UnownedSerialExecutor)] = []
        var isStopped = false
        /// The thread may be asleep: whoever brings a job wakes it.
        var isAsleep = false
    }

    private struct Watch {
        var interest: EventThread.Interest
        var handler: () -> Void
    }

    private struct Timer {
        var deadline: ContinuousClock.Instant
        var body: () -> Void
    }

    private let inbox = Mutex(Inbox())
    private let wakeUp: Int32
    private let threadID = Mutex<pthread_t>(0)

    private var watches: [Int32: Watch] = [:]
    private var polled: [pollfd] = []
    private var isPolledStale = true
    private var timers: [EventThread.TimerID: Timer] = [:]
    /// No timer is due before; nil where there is none. It may be earlier than the earliest.
    private var nextTimer: ContinuousClock.Instant?
    /// Whose turn it is, and room for the next ones.
    private var jobs: [(job: UnownedJob, executor: UnownedSerialExecutor)] = []
    private var lastTimer: UInt64 = 0
    private var turnEnders: [() -> Void] = []

    init() {
        wakeUp = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        precondition(wakeUp >= 0, "eventfd: no more file descriptors (raise the limit of open files)")
    }

    deinit {
        close(wakeUp)
    }

    var isCurrentThread: Bool {
        threadID.withLock { $0 } == pthread_self()
    }

    func start(name: String) {
        let start = Unmanaged.passRetained(Start(loop: self, name: name))
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
                nameCurrentThread(start.name)
                start.loop.threadID.withLock { $0 = pthread_self() }
                start.loop.run()
                return nil
            }, start.toOpaque())
        precondition(result == 0, "pthread_create: no more threads (raise the limit of processes)")
        pthread_detach(thread)
    }

    private final class Start {
        let loop: EventLoop
        let name: String
        init(loop: EventLoop, name: String) {
            self.loop = loop
            self.name = name
        }
    }

    func enqueue(_ job: UnownedJob, on executor: UnownedSerialExecutor) {
        let isAsleep = inbox.withLock { inbox in
            inbox.jobs.append((job, executor))
            defer { inbox.isAsleep = false }
            return inbox.isAsleep
        }
        if isAsleep { wake() }
    }

    func stop() {
        inbox.withLock { $0.isStopped = true }
        wake()
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(wakeUp, &one, 8)
    }

    func watch(_ descriptor: Int32, for interest: EventThread.Interest, handler: @escaping () -> Void) {
        if watches[descriptor]?.interest != interest { isPolledStale = true }
        watches[descriptor] = Watch(interest: interest, handler: handler)
    }

    func unwatch(_ descriptor: Int32) {
        if watches.removeValue(forKey: descriptor) != nil { isPolledStale = true }
    }

    func schedule(after delay: Duration, _ body: @escaping () -> Void) -> EventThread.TimerID {
        lastTimer += 1
        let id = EventThread.TimerID(value: lastTimer)
        let deadline = ContinuousClock.now + delay
        timers[id] = Timer(deadline: deadline, body: body)
        nextTimer = min(nextTimer ?? deadline, deadline)
        return id
    }

    func cancel(_ timer: EventThread.TimerID) {
        timers.removeValue(forKey: timer)
    }

    func afterTurn(_ body: @escaping () -> Void) {
        turnEnders.append(body)
    }

    private func endTurn() {
        while !turnEnders.isEmpty {
            let bodies = turnEnders
            turnEnders.removeAll(keepingCapacity: true)
            for body in bodies { body() }
        }
    }

    private func run() {
        while true {
            let isStopped = inbox.withLock { inbox in
                swap(&inbox.jobs, &jobs)
                inbox.isAsleep = false
                return inbox.isStopped
            }
            for (job, executor) in jobs { job.runSynchronously(on: executor) }
            if isStopped && jobs.isEmpty { return }
            jobs.removeAll(keepingCapacity: true)
            fireTimers()
            endTurn()
            waitAndDispatch()
            endTurn()
        }
    }

    private func fireTimers() {
        guard let nextTimer else { return }
        let now = ContinuousClock.now
        guard nextTimer <= now else { return }
        defer { self.nextTimer = timers.values.lazy.map(\.deadline).min() }
        for (id, timer) in timers.filter({ $0.value.deadline <= now }).sorted(by: { $0.value.deadline < $1.value.deadline }) {
            // An earlier one's body may have cancelled this one.
            if timers.removeValue(forKey: id) != nil { timer.body() }
        }
    }

    private func waitAndDispatch() {
        if isPolledStale {
            polled = [pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0)]
            polled += watches.map { pollfd(fd: $0.key, events: $0.value.interest.rawValue, revents: 0) }
            isPolledStale = false
        }
        let isIdle = inbox.withLock { inbox in
            inbox.isAsleep = inbox.jobs.isEmpty && !inbox.isStopped
            return inbox.isAsleep
        }
        let ready = poll(&polled, nfds_t(polled.count), isIdle ? pollTimeout() : 0)
        // What the handlers bring is done before the next wait: nobody has to wake this thread for it.
        if isIdle { inbox.withLock { $0.isAsleep = false } }
        guard ready > 0 else { return }
        if polled[0].revents != 0 {
            var count: UInt64 = 0
            _ = read(wakeUp, &count, 8)
        }
        for entry in polled.dropFirst() where entry.revents != 0 {
            // A handler before this one may have unwatched the descriptor.
            watches[entry.fd]?.handler()
        }
    }

    /// Milliseconds, rounded up, so that a timer is due when `poll` returns.
    private func pollTimeout() -> Int32 {
        guard let nextTimer else { return -1 }
        let rest = ContinuousClock.now.duration(to: nextTimer)
        guard rest > .zero else { return 0 }
        let milliseconds = rest.components.seconds * 1000 + rest.components.attoseconds / 1_000_000_000_000_000 + 1
        return Int32(clamping: milliseconds)
    }
}

/// Best effort: Swift's Glibc has no `pthread_setname_np`.
private func nameCurrentThread(_ name: String) {
    let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    let bytes = Array(name.utf8.prefix(15))
    _ = write(descriptor, bytes, bytes.count)
    close(descriptor)
}
