internal import CLinux
import Glibc

/// A listening socket that outlives the processes that use it, so that a restart refuses no client.
final class ListeningSocket {
    let descriptor: Descriptor
    /// What was asked for; the port may be 0.
    let requested: KeeperAddress
    /// What it is.
    let address: KeeperAddress

    /// - Parameter others: the keeper's own, beside which this one may listen on all addresses, or they beside it.
    init(_ requested: KeeperAddress, beside others: [ListeningSocket] = []) throws(KeeperError) {
        self.requested = requested
        switch requested {
        case .tcp(let host, let port):
            descriptor = try Self.listen(host: host, port: port, beside: others.filter { $0.overlaps(host: host, port: port) })
            address = .tcp(host: host, port: Self.port(of: descriptor) ?? port)
        case .unix(let path):
            descriptor = try Self.listen(path: path)
            address = requested
        }
    }

    /// Nobody can connect by its path any more, though processes may still hold it.
    private var isWithdrawn = false

    deinit { withdraw() }

    /// Its last name is gone. What listens on a port stays to be had for as long as a process holds it: nothing else could listen there.
    func withdraw() {
        guard case .unix(let path) = requested, !isWithdrawn else { return }
        isWithdrawn = true
        unlink(path)
    }

    /// Whoever asks for that address may have this one, whatever it has been called so far. A port of the kernel's choice is never shared.
    func isOne(for address: KeeperAddress) -> Bool {
        if case .tcp(_, 0) = address { return false }
        return requested == address && !isWithdrawn
    }

    /// On the same port one of the two listens on all addresses, the other on one of them.
    private func overlaps(host: String, port: Int) -> Bool {
        guard case .tcp(let own, let ownPort) = address, ownPort == port, own != host else { return false }
        return Self.wildcards.contains(own) || Self.wildcards.contains(host)
    }

    private static let wildcards: Set<String> = ["0.0.0.0", "::"]

    private static func listen(host: String, port: Int, beside others: [ListeningSocket]) throws(KeeperError) -> Descriptor {
        guard (0...65535).contains(port) else {
            throw KeeperError(.invalidSpecification, "port \(port) of \(host) is not between 0 and 65535")
        }
        // Numbers alone: a name would have to be looked up, and a slow name server would stop everything.
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host == "localhost" ? "127.0.0.1" : host, String(port), &hints, &found)
        guard result == 0, let found else {
            throw KeeperError(.invalidSpecification, "cannot listen on \"\(host)\": give an IP address or localhost, not a name")
        }
        defer { freeaddrinfo(found) }
        let descriptor = try open(found.pointee.ai_family, for: "\(host):\(port)")
        var on: Int32 = 1
        setsockopt(descriptor.number, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        // Only for this moment, and among our own: nobody else's socket has it set, so that nobody else's may be there.
        let sharing = others.isEmpty ? [] : others.map(\.descriptor) + [descriptor]
        for one in sharing { setReusePort(one, true) }
        defer { for one in sharing { setReusePort(one, false) } }
        guard bind(descriptor.number, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0 else {
            throw failed("bind", "\(host):\(port)")
        }
        return try listen(descriptor, for: "\(host):\(port)")
    }

    private static func setReusePort(_ descriptor: Descriptor, _ isOn: Bool) {
        var value: Int32 = isOn ? 1 : 0
        setsockopt(descriptor.number, SOL_SOCKET, SO_REUSEPORT, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func listen(path: String) throws(KeeperError) -> Descriptor {
        let descriptor = try open(AF_UNIX, for: path)
        func attempt() throws(KeeperError) -> Bool {
            guard let result = UnixAddress.with(path, { bind(descriptor.number, $0, $1) }) else {
                throw KeeperError(
                    .invalidSpecification, "the socket path \(path) is longer than \(UnixAddress.maximumPath) bytes: use a shorter one")
            }
            return result == 0
        }
        if try !attempt() {
            // A socket file without a listener was left by somebody who is dead.
            guard errno == EADDRINUSE, isAbandoned(path), unlink(path) == 0, try attempt() else { throw failed("bind", path) }
        }
        return try listen(descriptor, for: path)
    }

    private static func open(_ family: Int32, for name: String) throws(KeeperError) -> Descriptor {
        let number = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw failed("socket", name) }
        return Descriptor(number)
    }

    private static func listen(_ descriptor: Descriptor, for name: String) throws(KeeperError) -> Descriptor {
        guard Glibc.listen(descriptor.number, SOMAXCONN) == 0 else { throw failed("listen", name) }
        return descriptor
    }

    private static func isAbandoned(_ path: String) -> Bool {
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard number >= 0 else { return false }
        let probe = Descriptor(number)
        return UnixAddress.with(path) { connect(probe.number, $0, $1) } == -1 && errno == ECONNREFUSED
    }

    private static func port(of descriptor: Descriptor) -> Int? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            let result = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor.number, $0, &length) }
            guard result == 0 else { return nil }
            // The port is at the same place for IPv4 and IPv6.
            return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { Int(UInt16(bigEndian: $0.pointee.sin_port)) }
        }
    }

    private static func failed(_ step: String, _ name: String) -> KeeperError {
        let cause = SystemError.last(step)
        let advice =
            switch cause.number {
            case EADDRINUSE: ": another program listens there; stop it (`ss -ltnp` shows it) or choose another address"
            case EACCES: ": ports below 1024 and foreign folders need root; choose another address"
            case EADDRNOTAVAIL: ": this machine does not have that address"
            default: ""
            }
        return KeeperError(.cannotListen, "cannot listen on \(name): \(cause.reason)\(advice)", underlying: cause)
    }
}
