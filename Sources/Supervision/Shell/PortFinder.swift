import Glibc

/// Free loopback ports below the kernel's ephemeral range, so that no outgoing connection takes one between its choice and its use.
enum PortFinder {
    static let range = 20_000...32_000

    /// - Parameter taken: ports that somebody has been promised.
    static func free(except taken: Set<Int>) throws(SupervisorError) -> Int {
        for _ in 0..<range.count {
            let port = Int.random(in: range)
            if !taken.contains(port) && isFree(port) { return port }
        }
        throw SupervisorError(.conflict, "no port between \(range.lowerBound) and \(range.upperBound) is free on 127.0.0.1")
    }

    /// Nobody listens there. Connections of the past that linger do not count.
    static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var reuse: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(truncatingIfNeeded: port).bigEndian)
        address.sin_addr = in_addr(s_addr: UInt32(0x7f00_0001).bigEndian)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafePointer(to: &address) { pointer in
            // A sockaddr_in is what an AF_INET socket's bind takes as sockaddr, of the size given.
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) } == 0
        }
    }
}
