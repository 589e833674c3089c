internal import EventThread
import Glibc

/// The supervisor's end of the keeper's control socket.
///
///     let keeper = try KeeperClient.connect(descriptor: 3)
///     let running = try await keeper.list()        // first: events of processes begin after it
///     for await event in keeper.events { … }
///
/// Every call throws `.disconnected` once the keeper is gone and `.timedOut` when it does not answer within `requestTimeout`.
package actor KeeperClient {
    /// The keeper answers within milliseconds; a start may wait for a slow disk.
    package static let requestTimeout: Duration = .seconds(30)

    /// One reader; ends after `.disconnected`.
    package nonisolated let events: AsyncStream<KeeperEvent>

    private nonisolated let thread: EventThread
    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private nonisolated let queue: EventQueue
    private let requestTimeout: Duration
    private var channel: ControlChannel
    private var isStarted = false
    private var isDisconnected = false
    private var lastNumber = 0
    private var waiting: [Int: Waiting] = [:]

    private struct Waiting {
        let continuation: CheckedContinuation<KeeperResult, Never>
        let timer: EventThread.TimerID
    }

    /// - Parameter descriptor: the control socket, 3 in a supervisor (SIGNALBOX_KEEPER_FD). The client owns it from now on; it is not
    ///   inherited by
    ///   processes the supervisor itself starts.
    /// - Parameter requestTimeout: for each request.
    package static func connect(descriptor: Int32, requestTimeout: Duration = requestTimeout) throws(KeeperError) -> KeeperClient {
        var type: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) == 0, type == Int32(SOCK_STREAM.rawValue) else {
            throw KeeperError(
                .disconnected, "descriptor \(descriptor) is not a keeper's control socket (only `signalbox keeper` starts a supervisor)",
                underlying: .last("getsockopt"))
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        let client = KeeperClient(descriptor: descriptor, requestTimeout: requestTimeout)
        // Not awaited, so that connecting needs no asynchronous context; every call starts the client too if it comes first.
        Task { await client.start() }
        return client
    }

    private init(descriptor: Int32, requestTimeout: Duration) {
        self.requestTimeout = requestTimeout
        let queue = EventQueue()
        self.queue = queue
        thread = EventThread(name: "keeper client")
        channel = ControlChannel(descriptor: descriptor)
        events = AsyncStream(unfolding: { await queue.next() }, onCancel: { queue.finish() })
    }

    /// Everything the keeper has, ended processes that were not forgotten included.
    package func list() async throws(KeeperError) -> [ProcessRecord] {
        guard case .records(let records) = try await ask(.list) else { throw unexpectedReply() }
        return records
    }

    /// Starts a process and returns when it executes. Throws `.alreadyRunning` while that id runs; a record of one that has ended is
    /// replaced.
    package func spawn(_ specification: ProcessSpecification) async throws(KeeperError) -> ProcessRecord {
        guard case .record(let record) = try await ask(.spawn(specification)) else { throw unexpectedReply() }
        return record
    }

    /// Sends a signal to the main process alone.
    package func signal(id: String, _ signal: Int32) async throws(KeeperError) {
        _ = try await ask(.signal(id: id, signal: signal))
    }

    /// Kills all of the process's containment; `exited` tells when nothing is left.
    package func kill(id: String) async throws(KeeperError) {
        _ = try await ask(.kill(id: id))
    }

    /// Drops the record of a process that has ended.
    package func forget(id: String) async throws(KeeperError) {
        _ = try await ask(.forget(id: id))
    }

    /// Opens a listening socket that stays open until `closeSocket`, whoever uses it, or takes the one that is open for that address under
    /// another name or in a process' hands. The same name and address again changes nothing; the same name with another address replaces it.
    ///
    /// - Returns: the address with the port it really has.
    package func openSocket(name: String, address: KeeperAddress) async throws(KeeperError) -> KeeperAddress {
        guard case .address(let address) = try await ask(.openSocket(name: name, address: address)) else { throw unexpectedReply() }
        return address
    }

    package func closeSocket(name: String) async throws(KeeperError) {
        _ = try await ask(.closeSocket(name: name))
    }

    /// The level of containment in force, for a person: "cgroup2", "cgroup2 without limits", "process group + subreaper",
    /// or with what limits instead, "cgroup2 + limits of cpu, memory, pids (cgroup1)".
    package func containment() async throws(KeeperError) -> String {
        guard case .text(let text) = try await ask(.containment) else { throw unexpectedReply() }
        return text
    }

    /// How many lines of output of each process, by id, are missing in one of their destinations; those that have lost none are left out. A
    /// keeper of an earlier version says that it does not know the command.
    package func losses() async throws(KeeperError) -> [String: Int] {
        guard case .counts(let counts) = try await ask(.losses) else { throw unexpectedReply() }
        return counts
    }

    /// Has another supervisor started in this one's place, which exits (with any status) once this returns; one that does not within
    /// `Keeper.leavingTimeout` is killed. Nothing of what runs notices.
    ///
    /// A successor that cannot be started, fails, or has not listed within `KeeperLife.trialTime` is replaced by this one's executable, even
    /// if that was deleted or overwritten in the meantime; it is noted in the supervisor's log.
    ///
    /// - Parameter executable: an absolute path; nil is the path in use, where there may be another file by now. It gets the same arguments.
    package func replaceSupervisor(executable: String?) async throws(KeeperError) {
        _ = try await ask(.replaceSupervisor(executable: executable))
    }

    /// Asks the keeper to stop, as TERM does: it answers with `stopRequested`, and kills everything unless this supervisor exits in time.
    package func shutdown() async throws(KeeperError) {
        _ = try await ask(.shutdown)
    }

    /// Gives the connection up; `events` ends. The keeper goes on as it is.
    package func close() {
        disconnect()
    }

    private func ask(_ command: KeeperCommand) async throws(KeeperError) -> KeeperResult {
        start()
        guard !isDisconnected else { throw Self.disconnected }
        lastNumber += 1
        let number = lastNumber
        let frame = try ControlCoding.encode(KeeperRequest(number: number, command: command))
        let result = await withCheckedContinuation { continuation in
            let timer = thread.schedule(after: requestTimeout) { [weak self] in
                self?.assumeIsolated { $0.answer(number, .failed($0.timedOut)) }
            }
            waiting[number] = Waiting(continuation: continuation, timer: timer)
            channel.send(frame)
            updateWatch()
        }
        if case .failed(let error) = result { throw error }
        return result
    }

    private func start() {
        guard !isStarted else { return }
        isStarted = true
        updateWatch()
    }

    private func updateWatch() {
        guard !isDisconnected else { return }
        let interest: EventThread.Interest = channel.backlog > 0 ? [.read, .write] : .read
        thread.watch(channel.descriptor, for: interest) { [weak self] in
            self?.assumeIsolated { $0.descriptorReady() }
        }
    }

    private func descriptorReady() {
        guard !isDisconnected else { return }
        channel.flush()
        do throws(KeeperError) {
            for frame in try channel.receive() { handle(try ControlCoding.decode(KeeperMessage.self, from: frame)) }
        } catch {
            disconnect()
            return
        }
        if channel.isClosed { disconnect() } else { updateWatch() }
    }

    private func handle(_ message: KeeperMessage) {
        switch message {
        case .reply(let number, let result): answer(number, result)
        case .event(let event): queue.push(event)
        }
    }

    private func answer(_ number: Int, _ result: KeeperResult) {
        guard let waiting = waiting.removeValue(forKey: number) else { return }
        thread.cancel(waiting.timer)
        waiting.continuation.resume(returning: result)
    }

    private func disconnect() {
        guard !isDisconnected else { return }
        isDisconnected = true
        thread.unwatch(channel.descriptor)
        channel.close()
        for number in Array(waiting.keys) { answer(number, .failed(Self.disconnected)) }
        queue.push(.disconnected)
        queue.finish()
    }

    private func unexpectedReply() -> KeeperError {
        KeeperError(.protocolViolation, "the keeper's reply does not belong to what it was asked: keeper and supervisor differ in version")
    }

    private static let disconnected = KeeperError(.disconnected, "the keeper is gone; this supervisor cannot go on without it")
    private var timedOut: KeeperError { KeeperError(.timedOut, "the keeper did not answer within \(requestTimeout)") }
}
