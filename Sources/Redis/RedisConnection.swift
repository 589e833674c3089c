import CHiredis
import EventThread
import Glibc

/// One connection on the client's thread, to be touched on that thread alone. It never comes back: a new one is made instead.
final class RedisConnection {
    /// An error reply is a value here: the connection did its work.
    typealias Finish = (Result<RedisValue, RedisError>) -> Void

    /// Commands without an answer.
    static let maximumInFlight = 10_000
    /// Bytes not yet taken by the server; a single larger command goes when nothing else waits.
    static let maximumUnsent = 16 * 1024 * 1024

    private enum State {
        /// Goes to `open` or `closed`.
        case connecting
        /// Goes to `closed`.
        case open
        /// Stays so.
        case closed
    }

    private let thread: EventThread
    private var handle: RedisHandle?
    private var state = State.connecting
    private var inFlight = InFlight<Finish>()
    private var unsent = 0
    private var timer: EventThread.TimerID?
    private let timeout: Duration

    /// Called once: with nil when the connection is made, or with the reason when it could not be.
    var connected: ((RedisError?) -> Void)?
    /// Called once when an open connection has died.
    var died: ((RedisError) -> Void)?
    /// Whether the server owes an answer that is overdue. Commands are refused meanwhile.
    private(set) var isStalled = false

    init(thread: EventThread, timeout: Duration) {
        self.thread = thread
        self.timeout = timeout
    }

    func connect(host: String, port: Int32) {
        guard let handle = RedisHandle(host: host, port: port) else {
            return fail(RedisError(.notConnected, "out of memory"))
        }
        let failure = handle.pointer.hasFailed ? handle.pointer.errorMessage : nil
        self.handle = consume handle
        if let failure { return fail(RedisError(.notConnected, failure)) }
        watch(for: .write)
    }

    /// Sends a command behind those before it.
    func send(_ command: [[UInt8]], id: UInt64, finish: @escaping Finish) {
        guard case .open = state, let context = handle?.pointer else {
            return finish(.failure(RedisError(.notConnected, "not connected to the cache")))
        }
        guard !command.isEmpty else { return finish(.failure(RedisError(.refused, "the command has no words"))) }
        let size = command.reduce(0) { $0 + $1.count }
        guard inFlight.count < Self.maximumInFlight, unsent == 0 || unsent + size <= Self.maximumUnsent else {
            return finish(.failure(RedisError(.exhausted, "too many commands wait for the cache")))
        }
        guard context.append(command) else { return fail(RedisError(.connectionLost, context.errorMessage)) }
        inFlight.append(id, deadline: .now + timeout, waiter: finish)
        unsent += size
        if timer == nil { scheduleTimeout(after: timeout) }
        flush()
    }

    func abandon(_ id: UInt64, _ error: RedisError) {
        inFlight.abandon(id)?(.failure(error))
    }

    func close(_ error: RedisError) {
        tearDown()
        for finish in inFlight.removeAll() { finish(.failure(error)) }
    }

    // MARK: The socket

    private func descriptorIsReady() {
        guard let context = handle?.pointer else { return }
        switch state {
        case .connecting: connectEnded(context)
        case .open: read(context)
        case .closed: break
        }
    }

    private func connectEnded(_ context: UnsafeMutablePointer<redisContext>) {
        let error = context.socketError
        guard error == 0 else { return fail(RedisError(.notConnected, String(cString: strerror(error)))) }
        // Small commands that follow one another must not wait for each other's acknowledgement.
        var one: Int32 = 1
        setsockopt(context.pointee.fd, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        context.pointee.flags |= REDIS_CONNECTED
        state = .open
        watch(for: .read)
        connected?(nil)
        connected = nil
    }

    private func flush() {
        guard let context = handle?.pointer else { return }
        var isDone: Int32 = 0
        guard redisBufferWrite(context, &isDone) == REDIS_OK else {
            return fail(RedisError(.connectionLost, context.errorMessage))
        }
        if isDone != 0 { unsent = 0 }
        watch(for: isDone != 0 ? .read : [.read, .write])
    }

    private func read(_ context: UnsafeMutablePointer<redisContext>) {
        flush()
        guard handle != nil else { return }
        guard redisBufferRead(context) == REDIS_OK else {
            return fail(RedisError(.connectionLost, context.errorMessage))
        }
        while handle != nil {
            var pointer: UnsafeMutableRawPointer?
            guard redisGetReplyFromReader(context, &pointer) == REDIS_OK else {
                return fail(RedisError(.connectionLost, context.errorMessage))
            }
            guard let pointer else { return }
            defer { freeReplyObject(pointer) }
            isStalled = false
            guard let waiter = inFlight.answered() else {
                return fail(RedisError(.connectionLost, "the server sent an answer to nothing"))
            }
            waiter?(.success(RedisValue(pointer.assumingMemoryBound(to: redisReply.self).pointee)))
        }
    }

    // MARK: Time

    private func scheduleTimeout(after delay: Duration) {
        timer = thread.schedule(after: delay) { [weak self] in self?.timerFired() }
    }

    private func timerFired() {
        timer = nil
        let overdue = inFlight.expired(at: .now)
        if isStalled && !inFlight.isEmpty && overdue.isEmpty && inFlight.nextDeadline == nil {
            // A whole timeout more has passed without a sign of life.
            return fail(RedisError(.connectionLost, "the server does not answer"))
        }
        if !overdue.isEmpty { isStalled = true }
        for finish in overdue { finish(.failure(RedisError(.timeout, "the cache did not answer within \(timeout)"))) }
        if let next = inFlight.nextDeadline {
            scheduleTimeout(after: max(ContinuousClock.now.duration(to: next), .milliseconds(1)))
        } else if isStalled {
            scheduleTimeout(after: timeout)
        }
    }

    // MARK: The end

    private func fail(_ error: RedisError) {
        guard state != .closed else { return }
        let (connected, died) = (connected, state == .open ? died : nil)
        tearDown()
        for finish in inFlight.removeAll() { finish(.failure(error)) }
        connected?(error)
        died?(error)
    }

    private func tearDown() {
        if let descriptor = handle?.pointer.pointee.fd, descriptor >= 0 { thread.unwatch(descriptor) }
        if let timer { thread.cancel(timer) }
        timer = nil
        state = .closed
        handle = nil
        connected = nil
        died = nil
    }

    private func watch(for interest: EventThread.Interest) {
        guard let descriptor = handle?.pointer.pointee.fd else { return }
        thread.watch(descriptor, for: interest) { [weak self] in self?.descriptorIsReady() }
    }
}
