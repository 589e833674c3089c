import Foundation
import Glibc
import Synchronization

/// Asks for one page over and over on kept-alive HTTP/1.1 connections, as `wrk` does, and counts whatever goes wrong: a connection that is
/// refused or cut, an answer that is cut short, late, or not of 2xx. A connection that the server has said it would close is opened anew.
package final class KeepAliveLoad: Sendable {
    package struct Result: Sendable {
        package var answered = 0
        package var failed = 0
        /// The first of them.
        package var failures: [String] = []
        package var connections = 0
        package var slowest = Duration.zero
        /// How often each body came.
        package var bodies: [String: Int] = [:]
    }

    /// An answer that takes longer is a failure.
    private static let patience = timeval(tv_sec: 10, tv_usec: 0)
    private static let shownFailures = 10
    private static let maximumBodies = 100

    private let port: Int
    private let request: [UInt8]
    private let pause: Duration
    private let isStopped = Atomic(false)
    private let result = Mutex(Result())
    private let threads: DispatchGroup

    /// Begins at once.
    /// - Parameter pause: between an answer and the next request of a connection.
    package init(port: Int, path: String, connections: Int = 16, pause: Duration = .milliseconds(2)) {
        self.port = port
        self.pause = pause
        request = Array("GET \(path) HTTP/1.1\r\nHost: localhost:\(port)\r\n\r\n".utf8)
        threads = DispatchGroup()
        for _ in 0..<connections {
            threads.enter()
            // A thread of its own: it blocks.
            Thread.detachNewThread { [self] in
                run()
                threads.leave()
            }
        }
    }

    package var soFar: Result { result.withLock { $0 } }

    /// Ends it, and says what it saw.
    package func stop() async -> Result {
        isStopped.store(true, ordering: .relaxed)
        await withCheckedContinuation { continuation in threads.notify(queue: .global()) { continuation.resume() } }
        return soFar
    }

    private func run() {
        var connection: Int32 = -1
        while !isStopped.load(ordering: .relaxed) {
            if connection < 0 {
                connection = open()
                if connection < 0 { continue }
            }
            let begin = ContinuousClock.now
            switch ask(connection) {
            case .success(let answer):
                note(answer.body, after: begin.duration(to: .now))
                if answer.isLast {
                    close(connection)
                    connection = -1
                }
            case .failure(let error):
                note(error)
                close(connection)
                connection = -1
            }
            usleep(UInt32(pause / .microseconds(1)))
        }
        if connection >= 0 { close(connection) }
    }

    private struct Answer {
        var body: String
        /// The server closes the connection after it.
        var isLast: Bool
    }

    private func open() -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var patience = Self.patience
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard withLoopbackAddress(port, { connect(descriptor, $0, $1) }) == 0 else {
            note(TestSupportError("connect: \(String(cString: strerror(errno)))"))
            close(descriptor)
            usleep(1000)
            return -1
        }
        result.withLock { $0.connections += 1 }
        return descriptor
    }

    private func ask(_ descriptor: Int32) -> Swift.Result<Answer, TestSupportError> {
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            return .failure(TestSupportError("send: \(String(cString: strerror(errno)))"))
        }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else {
                let reason = count == 0 ? "the connection was closed" : String(cString: strerror(errno))
                return .failure(TestSupportError("\(reason) after \(received.count) bytes of the answer"))
            }
            received += buffer[..<count]
            if let answer = parse(received) { return answer }
        }
    }

    /// Nil while it is not whole.
    private func parse(_ bytes: [UInt8]) -> Swift.Result<Answer, TestSupportError>? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let head = text[..<end.lowerBound].lowercased().components(separatedBy: "\r\n")
        let body = text[end.upperBound...]
        guard let length = head.first(where: { $0.hasPrefix("content-length:") }).flatMap({ Int($0.dropFirst(15).filter(\.isNumber)) })
        else {
            return .failure(TestSupportError("an answer without a length: \(head)"))
        }
        guard body.utf8.count >= length else { return nil }
        guard head[0].hasPrefix("http/1.1 2") else { return .failure(TestSupportError("\(head[0]): \(body)")) }
        return .success(Answer(body: String(body), isLast: head.contains("connection: close")))
    }

    private func note(_ body: String, after duration: Duration) {
        result.withLock {
            $0.answered += 1
            $0.slowest = max($0.slowest, duration)
            if $0.bodies.count < Self.maximumBodies || $0.bodies[body] != nil { $0.bodies[body, default: 0] += 1 }
        }
    }

    private func note(_ failure: TestSupportError) {
        result.withLock {
            $0.failed += 1
            if $0.failures.count < Self.shownFailures { $0.failures.append("\(failure)") }
        }
    }
}
