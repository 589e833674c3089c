import Glibc

/// A non-blocking socket, closed in deinit.
final class TCPSocket {
    let descriptor: Int32

    /// Begins to connect: the descriptor becomes writable when that has succeeded or failed.
    init(connectingTo address: SocketAddress) throws(AMQPError) {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw Self.error("cannot make a socket", errno) }
        // Small frames (acks, confirms) must not wait for company.
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        let status = address.withSocketAddress { connect(descriptor, $0, $1) }
        guard status == 0 || errno == EINPROGRESS else { throw Self.error("cannot connect to the broker", errno) }
    }

    deinit {
        // A descriptor of -1 is refused by the kernel.
        close(descriptor)
    }

    /// To be called when the descriptor became writable for the first time.
    func finishConnecting() throws(AMQPError) {
        var status: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &status, &length)
        guard status == 0 else { throw Self.error("cannot connect to the broker", status) }
    }

    /// - Returns: how many bytes the kernel has taken; 0 when its buffer is full.
    func send(_ bytes: UnsafeRawBufferPointer) throws(AMQPError) -> Int {
        let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        guard count < 0 else { return count }
        guard errno == EAGAIN || errno == EINTR else { throw Self.error("the connection to the broker broke", errno) }
        return 0
    }

    /// - Returns: how many bytes came; nil when there are none for now.
    /// - Throws: also at the end of the stream.
    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(AMQPError) -> Int? {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        guard count != 0 else { throw AMQPError(.notConnected, "the broker closed the connection") }
        guard count < 0 else { return count }
        guard errno == EAGAIN || errno == EINTR else { throw Self.error("the connection to the broker broke", errno) }
        return nil
    }

    private static func error(_ what: String, _ number: Int32) -> AMQPError {
        AMQPError(.notConnected, "\(what): \(String(cString: strerror(number)))")
    }
}
