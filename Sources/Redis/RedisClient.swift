internal import EventThread
public import Logging

/// A client of one Redis, with one connection for all callers: their commands are sent at once, one behind the other, and answered in order.
///
/// Made for a cache: no command waits longer than the operation timeout, and while the server is away commands fail at once. The connection
/// is made with the first command and made anew by itself.
public actor RedisClient {
    public static let defaultTimeout: Duration = .milliseconds(250)
    /// One attempt to connect may take this long.
    static let connectLimit: Duration = .seconds(2)
    /// Callers that may wait for the first connection.
    static let maximumWaiting = RedisConnection.maximumInFlight

    private enum State {
        /// No command yet; goes to `connecting`.
        case idle
        /// Goes to `open` or `away`.
        case connecting(RedisConnection, timer: EventThread.TimerID)
        /// Goes to `connecting`, at once, when the connection dies.
        case open(RedisConnection)
        /// Pausing before the next attempt; goes to `connecting`.
        case away(reason: String)
        /// Stays so.
        case closed
    }

    private nonisolated let thread: EventThread
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private let url: RedisURL
    private let timeout: Duration
    private let logger: Logger
    private var state = State.idle
    private var failures = 0
    private var lastID: UInt64 = 0
    /// Commands that came while the first connection was being made.
    private var waiting: [Waiting] = []

    private struct Waiting {
        var id: UInt64
        var command: [[UInt8]]
        var timer: EventThread.TimerID
        var finish: RedisConnection.Finish
    }

    /// - Parameters:
    ///   - url: `redis://user:password@host:port/database`.
    ///   - timeout: for each command, so that a dead cache never holds a request up.
    public init(url: String, timeout: Duration = RedisClient.defaultTimeout, logger: Logger) throws(RedisError) {
        self.url = try RedisURL(url)
        self.timeout = timeout
        self.logger = logger
        thread = EventThread(name: "redis")
    }

    /// Whether commands go to the server at present.
    public var isConnected: Bool {
        if case .open(let connection) = state { !connection.isStalled } else { false }
    }

    /// Sends one command; its arguments are binary-safe.
    public func command(_ arguments: [[UInt8]]) async throws(RedisError) -> RedisValue {
        let value = try await carryOut([arguments])[0]
        if case .error(let error) = value {
            let name = String(decoding: arguments.first ?? [], as: UTF8.self)
            throw RedisError(error.code, "the cache refused \(name): \(error.message)")
        }
        return value
    }

    /// Sends one command, given as strings.
    public func command(_ arguments: [String]) async throws(RedisError) -> RedisValue {
        try await command(arguments.map { Array($0.utf8) })
    }

    /// Sends several commands in one go and returns their answers in the same order. One that is refused answers with `.error` and does not
    /// keep the others from being carried out. Throws when an answer is missing.
    public func pipeline(_ commands: [[[UInt8]]]) async throws(RedisError) -> [RedisValue] {
        commands.isEmpty ? [] : try await carryOut(commands)
    }

    /// Ends the connection; commands under way fail.
    public func close() {
        let error = RedisError(.closed, "the cache's client has been closed")
        switch state {
        case .open(let connection): connection.close(error)
        case .connecting(let connection, let timer):
            thread.cancel(timer)
            connection.close(error)
        case .idle, .away, .closed: break
        }
        state = .closed
        failWaiting(error)
    }

    // MARK: Commands

    /// Not empty.
    private func carryOut(_ commands: [[[UInt8]]]) async throws(RedisError) -> [RedisValue] {
        guard !Task.isCancelled else { throw Self.cancelled }
        let first = lastID + 1
        lastID += UInt64(commands.count)
        let ids = first...lastID
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<[RedisValue], RedisError>, Never>) in
                let answers = RedisAnswers(count: commands.count) { continuation.resume(returning: $0) }
                for (index, command) in commands.enumerated() {
                    submit(command, id: first + UInt64(index)) { answers.take($0, at: index) }
                }
            }
        } onCancel: {
            // Not awaited: the handler is synchronous, and the caller hears of it through its continuation.
            Task { await self.abandon(ids, Self.cancelled) }
        }
        return try result.get()
    }

    private func submit(_ command: [[UInt8]], id: UInt64, finish: @escaping RedisConnection.Finish) {
        if case .idle = state { connect() }
        switch state {
        case .open(let connection) where connection.isStalled:
            finish(.failure(RedisError(.notConnected, "\(url.place) does not answer at present")))
        case .open(let connection):
            connection.send(command, id: id, finish: finish)
        case .connecting where failures == 0 && waiting.count < Self.maximumWaiting:
            let timer = thread.schedule(after: timeout) { [weak self] in
                self?.assumeIsolated { $0.abandon(id, RedisError(.timeout, "no connection to \($0.url.place) in time")) }
            }
            waiting.append(Waiting(id: id, command: command, timer: timer, finish: finish))
        case .connecting, .idle:
            finish(.failure(RedisError(.notConnected, "not connected to \(url.place)")))
        case .away(let reason):
            finish(.failure(RedisError(.notConnected, "not connected to \(url.place): \(reason)")))
        case .closed:
            finish(.failure(RedisError(.closed, "the cache's client has been closed")))
        }
    }

    private func abandon(_ ids: ClosedRange<UInt64>, _ error: RedisError) {
        for id in ids { abandon(id, error) }
    }

    private func abandon(_ id: UInt64, _ error: RedisError) {
        if let index = waiting.firstIndex(where: { $0.id == id }) {
            let entry = waiting.remove(at: index)
            thread.cancel(entry.timer)
            entry.finish(.failure(error))
        } else if case .open(let connection) = state {
            connection.abandon(id, error)
        }
    }

    private func failWaiting(_ error: RedisError) {
        let failed = waiting
        waiting = []
        for entry in failed {
            thread.cancel(entry.timer)
            entry.finish(.failure(error))
        }
    }

    // MARK: Connecting

    private func connect() {
        let connection = RedisConnection(thread: thread, timeout: timeout)
        let timer = thread.schedule(after: Self.connectLimit) { [weak self] in
            self?.assumeIsolated { $0.connectFailed("no answer within \(Self.connectLimit)") }
        }
        state = .connecting(connection, timer: timer)
        connection.connected = { [weak self] error in
            self?.assumeIsolated { client in
                if let error { client.connectFailed(error.message) } else { client.greet() }
            }
        }
        connection.connect(host: url.host, port: url.port)
    }

    /// Says who we are. The server answers in order: the last answer tells that all went well.
    private func greet() {
        guard case .connecting(let connection, _) = state else { return }
        let greeting = url.greeting
        for (index, command) in greeting.enumerated() {
            let isLast = index == greeting.count - 1
            connection.send(command, id: 0) { [weak self] result in
                self?.assumeIsolated { client in
                    switch result {
                    case .failure(let error), .success(.error(let error)): client.connectFailed(error.message)
                    case .success where isLast: client.connected()
                    case .success: break
                    }
                }
            }
        }
    }

    private func connected() {
        guard case .connecting(let connection, let timer) = state else { return }
        thread.cancel(timer)
        state = .open(connection)
        if failures > 0 { logger.notice("\(url.place) is there again") }
        failures = 0
        connection.died = { [weak self] error in
            self?.assumeIsolated { $0.connectionDied(error) }
        }
        let commands = waiting
        waiting = []
        for entry in commands {
            thread.cancel(entry.timer)
            connection.send(entry.command, id: entry.id, finish: entry.finish)
        }
    }

    private func connectFailed(_ reason: String) {
        guard case .connecting(let connection, let timer) = state else { return }
        thread.cancel(timer)
        if failures == 0 { logger.warning("cannot connect to \(url.place): \(reason); trying again") }
        failures += 1
        state = .away(reason: reason)
        connection.close(RedisError(.notConnected, reason))
        failWaiting(RedisError(.notConnected, "not connected to \(url.place): \(reason)"))
        let pause = ReconnectBackoff.pause(failures: failures, jitter: .random(in: 0...1))
        thread.schedule(after: pause) { [weak self] in
            self?.assumeIsolated { $0.tryAgain() }
        }
    }

    private func connectionDied(_ error: RedisError) {
        guard case .open = state else { return }
        logger.warning("the connection to \(url.place) was lost: \(error.message); connecting again")
        connect()
    }

    private func tryAgain() {
        guard case .away = state else { return }
        connect()
    }

    private static let cancelled = RedisError(.cancelled, "the task was cancelled while it waited for the cache")
}
