import Dispatch
import Glibc

/// A small blocking client for asking a server on loopback whether it is there, on a thread that may be blocked.
enum Loopback {
    static let timeout = timeval(tv_sec: 10, tv_usec: 0)

    /// Sends `bytes` and returns what comes back: until the server closes when `untilClosed`, else the first piece. Nil when it is not there.
    static func exchange(port: Int, _ bytes: [UInt8], untilClosed: Bool = false) async -> [UInt8]? {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: blockingExchange(port: port, bytes, untilClosed: untilClosed))
            }
        }
    }

    private static func blockingExchange(port: Int, _ bytes: [UInt8], untilClosed: Bool) -> [UInt8]? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var timeout = timeout
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        guard withLoopbackAddress(port, { connect(descriptor, $0, $1) }) == 0,
            send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
        else { return nil }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { return nil }
            answer += buffer[..<count]
            if count == 0 || !untilClosed { return answer.isEmpty ? nil : answer }
        }
    }
}
