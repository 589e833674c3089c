import Glibc
import Synchronization
import TestSupport

/// A peer on a loopback port, on a thread of its own, that does with each connection what the test says; it counts them.
final class StandIn: Sendable {
    enum Manner: Sendable {
        /// Takes connections and says nothing, ever.
        case silent
        /// Sends this once it has been sent something, and closes.
        case answers([UInt8])
        /// Sends this once it has been sent something, and keeps the connection open.
        case holds([UInt8])
        /// Answers each question on a connection with this, so many connections at a time.
        case serves([UInt8], atOnce: Int)
        /// Closes each connection some time after its second answer.
        case servesTwice([UInt8])
    }

    let port: Int
    private let listener: Int32
    private let state = Mutex((connections: 0, questions: 0, open: [Int32]()))

    var questions: Int { state.withLock { $0.questions } }
    var connections: Int { state.withLock { $0.connections } }

    init(_ manner: Manner) throws {
        (listener, port) = try listeningSocket(backlog: 512)
        let listener = listener
        let count: @Sendable (Int32) -> Void = { [weak self] in self?.keep($0) }
        let question: @Sendable () -> Void = { [weak self] in self?.state.withLock { $0.questions += 1 } }
        let threads = if case .serves(_, let atOnce) = manner { atOnce } else if case .servesTwice = manner { 8 } else { 1 }
        for _ in 0..<threads { Self.run { Self.serve(listener, manner, count, question) } }
    }

    private static func run(_ work: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let body = Unmanaged.passRetained(Body(work))
        pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, body.toOpaque())
        pthread_detach(thread)
    }

    /// Until the peer closes, or after so many answers.
    private static func answer(_ connection: Int32, with bytes: [UInt8], atMost limit: Int, _ question: () -> Void) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var answers = 0
        while answers < limit, case let count = read(connection, &buffer, buffer.count), count > 0 {
            question()
            answers += 1
            _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        }
        shutdown(connection, Int32(SHUT_RDWR))
    }

    deinit {
        // Its thread's accept fails, and ends it.
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        state.withLock { state in state.open.forEach { close($0) } }
    }

    private final class Body {
        let run: () -> Void
        init(_ run: @escaping () -> Void) { self.run = run }
    }

    private func keep(_ descriptor: Int32) {
        state.withLock { state in
            state.connections += 1
            state.open.append(descriptor)
        }
    }

    private static func serve(_ listener: Int32, _ manner: Manner, _ count: (Int32) -> Void, _ question: () -> Void) {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            switch manner {
            case .silent: count(connection)
            case .serves(let bytes, _):
                count(connection)
                answer(connection, with: bytes, atMost: .max, question)
            case .servesTwice(let bytes):
                count(connection)
                answer(connection, with: bytes, atMost: 2, question)
            case .answers(let bytes), .holds(let bytes):
                var buffer = [UInt8](repeating: 0, count: 4096)
                _ = read(connection, &buffer, buffer.count)
                _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                if case .answers = manner { shutdown(connection, Int32(SHUT_WR)) }
                count(connection)
            }
        }
    }
}
