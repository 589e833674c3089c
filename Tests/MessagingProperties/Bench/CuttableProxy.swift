import Glibc
import Synchronization
import TestSupport

/// Passes TCP connections on to a port of loopback until it is cut. Its threads block.
final class CuttableProxy: Sendable {
    private struct State {
        var isCut = false
        var isClosed = false
        /// Of both sides; shut down here, closed by the thread that made them.
        var sockets: Set<Int32> = []
    }

    let port: Int
    private let target: Int
    private let listener: Int32
    private let state = Mutex(State())

    init(to target: Int) throws {
        self.target = target
        port = freePort()
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        // An earlier connection to the port may linger.
        var one: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        guard listener >= 0, Self.withAddress(port, { bind(listener, $0, $1) }) == 0, listen(listener, 64) == 0 else {
            throw TestSupportError("the proxy cannot listen on port \(port)")
        }
        Thread.start { self.accept() }
    }

    /// Ends every connection, and each that comes from now on at once.
    func cut() {
        state.withLock { state in
            state.isCut = true
            for socket in state.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    func restore() {
        state.withLock { $0.isCut = false }
    }

    func close() {
        cut()
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        // Ends the accept, whose thread closes it.
        if isFirst { shutdown(listener, Int32(SHUT_RDWR)) }
    }

    private func accept() {
        while true {
            let near = Glibc.accept(listener, nil, nil)
            if state.withLock({ $0.isClosed }) {
                if near >= 0 { Glibc.close(near) }
                break
            }
            guard near >= 0 else { continue }
            let far = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            let isAdmitted = state.withLock { state in
                if !state.isCut { state.sockets.formUnion([near, far]) }
                return !state.isCut
            }
            guard isAdmitted else {
                Glibc.close(near)
                Glibc.close(far)
                continue
            }
            Thread.start { self.serve(near, far) }
        }
        Glibc.close(listener)
    }

    private func serve(_ near: Int32, _ far: Int32) {
        var one: Int32 = 1
        for socket in [near, far] { setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size)) }
        if Self.withAddress(target, { connect(far, $0, $1) }) == 0 { pump(near, far) }
        state.withLock { $0.sockets.subtract([near, far]) }
        Glibc.close(near)
        Glibc.close(far)
    }

    /// Returns when either side has ended.
    private func pump(_ near: Int32, _ far: Int32) {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            var polls = [near, far].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&polls, 2, -1) > 0 || errno == EINTR else { return }
            for (index, poll) in polls.enumerated() where poll.revents != 0 {
                let count = recv(poll.fd, &buffer, buffer.count, 0)
                guard count > 0, Self.sendAll(buffer[..<count], to: index == 0 ? far : near) else { return }
            }
        }
    }

    private static func sendAll(_ bytes: ArraySlice<UInt8>, to socket: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    private static func withAddress<Result>(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}

private enum Thread {
    static func start(_ body: @escaping @Sendable () -> Void) {
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(body)).toOpaque()
        pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, box)
        pthread_detach(thread)
    }
}
