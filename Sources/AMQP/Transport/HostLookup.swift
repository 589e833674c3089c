import EventThread
import Glibc
import Synchronization

/// Looks a host name up on a thread of its own: `getaddrinfo` may block for half a minute, and nothing can interrupt it.
final class HostLookup {
    /// Shared with the thread that looks up, which may outlive this object.
    private final class Outcome: Sendable {
        let result = Mutex<Result<[SocketAddress], AMQPError>?>(nil)
        let host: String
        let port: Int
        /// Written to when there is a result.
        let signal: Int32

        init(host: String, port: Int, signal: Int32) {
            self.host = host
            self.port = port
            self.signal = signal
        }

        func find() {
            let found = Result { () throws(AMQPError) in try SocketAddress.lookUp(host: host, port: port, isNumeric: false) }
            result.withLock { $0 = found }
            var byte: UInt8 = 1
            _ = write(signal, &byte, 1)
        }

        deinit {
            close(signal)
        }
    }

    private let thread: EventThread
    private let outcome: Outcome
    private let descriptor: Int32
    private let completion: (Result<[SocketAddress], AMQPError>) -> Void

    /// - Parameter completion: called on `thread`, unless this object is gone by then.
    init(
        host: String, port: Int, thread: EventThread, completion: @escaping (Result<[SocketAddress], AMQPError>) -> Void
    ) throws(AMQPError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw AMQPError(.notConnected, "no pipe to look up \(host): \(String(cString: strerror(errno)))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        self.thread = thread
        self.completion = completion
        descriptor = ends[0]
        outcome = Outcome(host: host, port: port, signal: ends[1])
        try start()
        thread.watch(descriptor, for: .read) { [weak self] in self?.finish() }
    }

    private func start() throws(AMQPError) {
        var id = pthread_t()
        let argument = Unmanaged.passRetained(outcome)
        let status = pthread_create(
            &id, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Outcome>.fromOpaque(argument).takeRetainedValue().find()
                return nil
            }, argument.toOpaque())
        guard status == 0 else {
            argument.release()
            throw AMQPError(.notConnected, "no thread to look up \(outcome.host): \(String(cString: strerror(status)))")
        }
        pthread_detach(id)
    }

    private func finish() {
        thread.unwatch(descriptor)
        if let result = outcome.result.withLock({ $0 }) { completion(result) }
    }

    /// To be called on the thread; then there is no completion any more.
    func cancel() {
        thread.unwatch(descriptor)
    }

    deinit {
        close(descriptor)
    }
}
