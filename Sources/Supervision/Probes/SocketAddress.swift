import Glibc

/// Whom a socket is connected to.
struct SocketAddress: Sendable, Equatable, CustomStringConvertible {
    /// Of `sun_path`, with its final NUL.
    private static let maximumPath = 108

    let family: Int32
    let description: String
    /// A `sockaddr` of that family.
    private let bytes: [UInt8]

    /// Nil: the path is too long for a socket.
    init?(unix path: String) {
        guard !path.isEmpty, path.utf8.count < Self.maximumPath else { return nil }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        family = AF_UNIX
        description = path
        bytes = withUnsafeBytes(of: &address) { Array($0) }
    }

    private init(_ entry: addrinfo, description: String) {
        family = entry.ai_family
        self.description = description
        bytes = Array(UnsafeRawBufferPointer(start: entry.ai_addr, count: Int(entry.ai_addrlen)))
    }

    /// An address in figures, which needs no asking. Nil: it is a name.
    static func numeric(host: String, port: Int) -> SocketAddress? {
        let host = host == "localhost" ? "127.0.0.1" : host
        return lookUp(host: host, port: port, flags: AI_NUMERICHOST).first
    }

    /// All addresses of a name. Blocks for as long as the name servers take; empty: it has none.
    static func resolve(host: String, port: Int) -> [SocketAddress] { lookUp(host: host, port: port, flags: 0) }

    private static func lookUp(host: String, port: Int, flags: Int32) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = flags | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let found else { return [] }
        defer { freeaddrinfo(found) }
        var addresses: [SocketAddress] = []
        var next: UnsafeMutablePointer<addrinfo>? = found
        while let entry = next {
            let shown = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
            addresses.append(SocketAddress(entry.pointee, description: shown))
            next = entry.pointee.ai_next
        }
        return addresses
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>?, socklen_t) -> Result) -> Result {
        bytes.withUnsafeBytes { buffer in
            // The bytes were a sockaddr of this family; the kernel reads as many as it is told.
            body(buffer.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(buffer.count))
        }
    }
}
