import Glibc

/// A socket that listens on a free loopback port, and the port.
package func listeningSocket(backlog: Int32) throws -> (Int32, Int) {
    for _ in 0..<100 {
        let port = freePort()
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
                == 0
        }
        if isBound, listen(descriptor, backlog) == 0 { return (descriptor, port) }
        close(descriptor)
    }
    throw TestSupportError("no port is free")
}
