import Glibc

/// A service that answers every request on PORT with 200, its environment's names and values as the body; with 503 while a file named
/// `unready` lies in its working directory. TERM ends it.
struct HealthService {
    func run() -> Int32 {
        guard let port = getenv("PORT").flatMap({ UInt16(String(cString: $0)) }) else { return 64 }
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var reuse: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) } == 0
        }
        guard isBound, listen(listener, 64) == 0 else { return 1 }
        print("listening on \(port)")
        fflush(nil)
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { continue }
            var buffer = [UInt8](repeating: 0, count: 4096)
            _ = read(connection, &buffer, buffer.count)
            let body = environment
            let status = access("unready", F_OK) == 0 ? "503 Service Unavailable" : "200 OK"
            let answer = Array("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)".utf8)
            _ = write(connection, answer, answer.count)
            close(connection)
        }
    }

    private var environment: String {
        var text = ""
        var next = environ
        while let variable = next.pointee {
            text += String(cString: variable) + "\n"
            next += 1
        }
        return text
    }
}
