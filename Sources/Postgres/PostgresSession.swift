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
        var statements: [PostgresStatement]
        /// What was sent for them, in its order, where that went as a pipeline.
        var steps: [Step]?
        var isSecondTry = false
        var timer: EventThread.TimerID
        var finish: (Result<PostgresResult, PostgresError>) -> Void
    }

    private enum Step {
        case statement
        case preparation(sql: String, name: String)
        /// Of the statement prepared for it before, which is out of date.
        case dropping(sql: String)
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

    private var prepared = PreparedStatements()

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

    /// To a new borrower, whom earlier failures do not concern.
    func isLent() {
        retryableFailure = nil
        contention = nil
    }

    func takeContention() -> PostgresError? {
        defer { contention = nil }
        return contention
    }

    /// - Parameter statements: at least one; a script alone.
    func perform(
        _ statements: [PostgresStatement], id: UInt64, within limit: Duration,
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
        queue.append(Operation(id: id, statements: statements, timer: timer, finish: finish))
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
        current = queue.removeFirst()
        gathered = nil
        guard send(on: handle) else { return lost() }
        flush()
    }

    private func send(on handle: OpaquePointer) -> Bool {
        guard let statements = current?.statements, let first = statements.first else { return false }
        guard first.parameters != nil else { return PQsendQuery(handle, first.sql) == 1 }
        let now = ContinuousClock.now
        let uses = statements.map { prepared.use($0.sql, at: now) }
        if statements.count == 1, let use = uses.first {
            switch use {
            case .plain: return Self.send(first, as: nil, on: handle)
            case .prepared(let name): return Self.send(first, as: name, on: handle)
            case .prepare: break
            }
        }
        return sendPipeline(Array(zip(statements, uses)), on: handle)
    }

    private func sendPipeline(_ statements: [(PostgresStatement, PreparedStatements.Use)], on handle: OpaquePointer) -> Bool {
        guard PQenterPipelineMode(handle) == 1 else { return false }
        var steps: [Step] = []
        var newNames: [String: String] = [:]
        for (statement, use) in statements {
            var name: String?
            switch use {
            case .plain: break
            case .prepared(let old): name = old
            case .prepare(let new, let old):
                // The same one twice in one pipeline is prepared once.
                if let known = newNames[statement.sql] {
                    name = known
                    break
                }
                if let old {
                    guard PQsendQueryParams(handle, "DEALLOCATE \(old)", 0, nil, nil, nil, nil, 0) == 1 else { return false }
                    steps.append(.dropping(sql: statement.sql))
                }
                guard PQsendPrepare(handle, new, statement.sql, 0, nil) == 1 else { return false }
                steps.append(.preparation(sql: statement.sql, name: new))
                newNames[statement.sql] = new
                name = new
            }
            guard Self.send(statement, as: name, on: handle) else { return false }
            steps.append(.statement)
        }
        current?.steps = steps
        return PQpipelineSync(handle) == 1
    }

    /// - Parameter name: nil: it is not prepared.
    private static func send(_ statement: PostgresStatement, as name: String?, on handle: OpaquePointer) -> Bool {
        let parameters = statement.parameters ?? []
        let copies = parameters.map { $0.flatMap { strdup($0) } }
        defer { copies.forEach { free($0) } }
        let values = copies.map { UnsafePointer<CChar>($0) }
        let count = Int32(parameters.count)
        guard let name else { return PQsendQueryParams(handle, statement.sql, count, nil, values, nil, nil, 0) == 1 }
        return PQsendQueryPrepared(handle, name, count, values, nil, nil, 0) == 1
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
            guard let result = PQgetResult(handle) else {
                switch current?.steps?.isEmpty {
                case nil: return statementEnded()
                case false?: current?.steps?.removeFirst()
                // The end of the pipeline is told otherwise: the connection is gone.
                case true?: return lost()
                }
                continue
            }
            defer { PQclear(result) }
            if PQresultStatus(result) == PGRES_PIPELINE_SYNC {
                guard PQexitPipelineMode(handle) == 1 else { return lost() }
                return statementEnded()
            }
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
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
            switch current?.steps?.first {
            case .preparation(let sql, let name): prepared.isPrepared(sql, name, at: .now)
            case .dropping(let sql): prepared.isDropped(sql)
            case .statement, nil: gathered = .success(PostgresResult(result))
            }
        case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE: gathered = .failure(PostgresError(result: result))
        default: break
        }
    }

    private func statementEnded() {
        guard let operation = current, let handle = handle?.pointer else { return }
        let outcome = gathered ?? .success(PostgresResult())
        if case .failure(let error) = outcome {
            if isOutdated(error) {
                // Outside of a transaction nothing of it has happened.
                if PQtransactionStatus(handle) == PQTRANS_IDLE, !operation.isSecondTry, operation.statements.count == 1 {
                    current = nil
                    var again = operation
                    again.steps = nil
                    again.isSecondTry = true
                    queue.insert(again, at: 0)
                    return startNext()
                }
                if retryableFailure == nil {
                    retryableFailure = PostgresError(.connectionLost, "a prepared statement was lost: \(error.message)")
                }
            }
            if PQstatus(handle) != CONNECTION_OK || error.code == .connectionLost { return lost() }
            if Self.contentionStates.contains(error.sqlState ?? "") { contention = error }
            if retryableFailure == nil, error.code == .sqlState("40001") || error.code == .sqlState("40P01") { retryableFailure = error }
        }
        current = nil
        gathered = nil
        complete(operation, outcome)
        startNext()
    }

    /// Whether a prepared statement is not, or not any more, what it was prepared for.
    private func isOutdated(_ error: PostgresError) -> Bool {
        switch error.sqlState {
        // Its result would have other columns now; nothing else that we send can be told so.
        case "0A000" where error.message.hasPrefix("cached plan"): prepared.forget()
        // A pooler stands between.
        case "26000", "42P05": prepared.disallow()
        default: return false
        }
        return true
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
