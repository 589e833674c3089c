import CPostgres
import EventThread
import Glibc

/// One connection on the pool's thread. To be touched on that thread alone: it belongs to a `PostgresReactor`.
final class PostgresSession {
    /// Statements that may wait on one connection, from tasks that share it.
    static let maximumQueued = 256
    /// Serialisation failure, deadlock, lock not available.
    private static let contentionStates: Set<String> = ["40001", "40P01", "55P03"]

    private struct Operation {
        var id: UInt64
        var statement: PostgresStatement
        var timer: EventThread.TimerID
        var finish: (Result<PostgresResult, PostgresError>) -> Void
    }

    /// Where the connection is in its life.
    private enum State {
        /// Connecting; goes to `open` or `closed`.
        case connecting(finish: (Result<Void, ConnectFailure>) -> Void, timer: EventThread.TimerID)
        /// Connected and idle or with a statement under way; goes to `closed`.
        case open
        /// The handle is gone; stays so.
        case closed
    }

    let id: UInt64
    private let thread: EventThread
    private let canceller: PostgresCanceller
    private var handle: ConnectionHandle?
    private var state = State.closed
    private var current: Operation?
    private var queue: [Operation] = []
    /// What the statement under way has brought so far; its first error counts.
    private var gathered: Result<PostgresResult, PostgresError>?
    private var watched: Int32 = -1

    /// The first failure in the present transaction after which it is worth running again.
    private(set) var retryableFailure: PostgresError?
    /// The last time that a statement lost against another transaction.
    private var contention: PostgresError?
    /// Called once when the connection dies while nothing is under way.
    var diedWhileIdle: (() -> Void)?

    init(id: UInt64, thread: EventThread, canceller: PostgresCanceller) {
        self.id = id
        self.thread = thread
        self.canceller = canceller
    }

    // MARK: Connecting

    func connect(
        _ keywords: [(String, String)], within limit: Duration, finish: @escaping (Result<Void, ConnectFailure>) -> Void
    ) {
        guard let handle = ConnectionHandle(keywords: keywords) else {
            return finish(.failure(ConnectFailure(message: "out of memory")))
        }
        let hasFailed = PQstatus(handle.pointer) == CONNECTION_BAD
        let message = handle.errorMessage
        self.handle = consume handle
        if hasFailed {
            close()
            return finish(.failure(ConnectFailure(message: message)))
        }
        let timer = thread.schedule(after: limit) { [weak self] in
            self?.connectFailed("no answer within \(limit)")
        }
        state = .connecting(finish: finish, timer: timer)
        // As if PQconnectPoll had last returned this, says the manual.
        watch(for: .write)
    }

    private func continueConnecting() {
        guard let handle = handle?.pointer else { return }
        // It may close its socket and open another.
        unwatch()
        switch PQconnectPoll(handle) {
        case PGRES_POLLING_READING: watch(for: .read)
        case PGRES_POLLING_WRITING: watch(for: .write)
        case PGRES_POLLING_OK:
            PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
            PQsetnonblocking(handle, 1)
            watch(for: .read)
            guard case .connecting(let finish, let timer) = state else { return }
            thread.cancel(timer)
            state = .open
            finish(.success(()))
        default:
            connectFailed(PQerrorMessage(handle).map { String(cString: $0) } ?? "")
        }
    }

    func abandonConnecting() {
        connectFailed("cancelled")
    }

    private func connectFailed(_ message: String) {
        guard case .connecting(let finish, let timer) = state else { return }
        thread.cancel(timer)
        close()
        finish(.failure(ConnectFailure(message: message)))
    }

    // MARK: Statements

    /// Whether nothing says that the server is gone: if it is, it has usually said so by now.
    func isAlive() -> Bool {
        guard case .open = state, let handle = handle?.pointer else { return false }
        return PQconsumeInput(handle) == 1 && PQstatus(handle) == CONNECTION_OK
    }

    /// Whether the connection is good for another borrower: alive, nothing under way, no transaction open.
    func isReusable() -> Bool {
        guard isAlive(), let handle = handle?.pointer, current == nil, queue.isEmpty else { return false }
        return PQtransactionStatus(handle) == PQTRANS_IDLE
    }

    func beginTransaction() {
        retryableFailure = nil
    }

    func takeContention() -> PostgresError? {
        defer { contention = nil }
        return contention
    }

    func perform(
        _ statement: PostgresStatement, id: UInt64, within limit: Duration,
        finish: @escaping (Result<PostgresResult, PostgresError>) -> Void
    ) {
        guard case .open = state else {
            return finish(.failure(PostgresError(.connectionLost, "the connection to the database is gone")))
        }
        guard queue.count < Self.maximumQueued else {
            return finish(
                .failure(PostgresError(.exhausted, "more than \(Self.maximumQueued) statements wait for one connection: use the pool")))
        }
        let timer = thread.schedule(after: limit) { [weak self] in
            self?.abandon(id, PostgresError(.timeout, "the deadline passed before the database had answered"))
        }
        queue.append(Operation(id: id, statement: statement, timer: timer, finish: finish))
        startNext()
    }

    /// Gives a statement up. One that is under way takes the connection with it, because its answer would be taken for the next one's.
    func abandon(_ id: UInt64, _ error: PostgresError) {
        if let index = queue.firstIndex(where: { $0.id == id }) {
            complete(queue.remove(at: index), .failure(error))
        } else if let operation = current, operation.id == id {
            current = nil
            if let handle = handle?.pointer { canceller.cancel(handle) }
            close()
            complete(operation, .failure(error))
            failQueue(PostgresError(.connectionLost, "the connection was dropped, because a statement before this one was given up"))
        }
    }

    private func startNext() {
        guard current == nil, !queue.isEmpty, let handle = handle?.pointer else { return }
        let operation = queue.removeFirst()
        current = operation
        gathered = nil
        guard send(operation.statement, on: handle) == 1 else { return lost() }
        flush()
    }

    private func send(_ statement: PostgresStatement, on handle: OpaquePointer) -> Int32 {
        guard let parameters = statement.parameters else { return PQsendQuery(handle, statement.sql) }
        let copies = parameters.map { $0.flatMap { strdup($0) } }
        defer { copies.forEach { free($0) } }
        let values = copies.map { UnsafePointer<CChar>($0) }
        return PQsendQueryParams(handle, statement.sql, Int32(parameters.count), nil, values, nil, nil, 0)
    }

    private func flush() {
        guard let handle = handle?.pointer else { return }
        switch PQflush(handle) {
        case 0: watch(for: .read)
        case 1: watch(for: [.read, .write])
        default: lost()
        }
    }

    private func descriptorIsReady() {
        switch state {
        case .connecting: continueConnecting()
        case .open: readAnswers()
        case .closed: break
        }
    }

    private func readAnswers() {
        guard let handle = handle?.pointer else { return }
        guard PQconsumeInput(handle) == 1 else { return lost() }
        while let notification = PQnotifies(handle) { PQfreemem(notification) }
        guard current != nil else {
            if PQstatus(handle) != CONNECTION_OK { lost() }
            return
        }
        flush()
        // Flushing may have found the connection dead.
        while self.handle != nil, PQisBusy(handle) == 0 {
            guard let result = PQgetResult(handle) else { return statementEnded() }
            defer { PQclear(result) }
            take(result)
            if let current, isCopy(result) {
                return abandon(current.id, PostgresError(.unsupported, "COPY is not supported: use INSERT … SELECT FROM unnest(…)"))
            }
        }
    }

    private func isCopy(_ result: OpaquePointer) -> Bool {
        [PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH].contains(PQresultStatus(result))
    }

    private func take(_ result: OpaquePointer) {
        if case .failure = gathered { return }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: gathered = .success(PostgresResult(result))
        case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE: gathered = .failure(PostgresError(result: result))
        default: break
        }
    }

    private func statementEnded() {
        guard let operation = current, let handle = handle?.pointer else { return }
        let outcome = gathered ?? .success(PostgresResult())
        if case .failure(let error) = outcome {
            if PQstatus(handle) != CONNECTION_OK || error.code == .connectionLost { return lost() }
            if Self.contentionStates.contains(error.sqlState ?? "") { contention = error }
            if retryableFailure == nil, error.code == .sqlState("40001") || error.code == .sqlState("40P01") { retryableFailure = error }
        }
        current = nil
        gathered = nil
        complete(operation, outcome)
        startNext()
    }

    private func complete(_ operation: Operation, _ outcome: Result<PostgresResult, PostgresError>) {
        thread.cancel(operation.timer)
        operation.finish(outcome)
    }

    private func failQueue(_ error: PostgresError) {
        let waiting = queue
        queue = []
        for operation in waiting { complete(operation, .failure(error)) }
    }

    // MARK: The end

    /// The connection has died under us.
    private func lost() {
        var error = PostgresError(.connectionLost, "the connection to the database was lost: \(handle?.errorMessage.trimmed ?? "")")
        if case .failure(let reason) = gathered, reason.code == .connectionLost { error = reason }
        let operation = current
        current = nil
        gathered = nil
        close()
        if retryableFailure == nil { retryableFailure = error }
        if operation == nil && queue.isEmpty {
            diedWhileIdle?()
            return
        }
        if let operation { complete(operation, .failure(error)) }
        failQueue(error)
    }

    /// Nothing may be under way, or its outcome be told by the caller.
    func close() {
        unwatch()
        state = .closed
        handle = nil
    }

    private func watch(for interest: EventThread.Interest) {
        guard let descriptor = handle?.descriptor, descriptor >= 0 else { return }
        watched = descriptor
        thread.watch(descriptor, for: interest) { [weak self] in self?.descriptorIsReady() }
    }

    private func unwatch() {
        if watched >= 0 { thread.unwatch(watched) }
        watched = -1
    }
}

extension String {
    fileprivate var trimmed: String {
        split(separator: "\n").joined(separator: " ")
    }
}
