import Glibc

/// The keeper's own standard error, written as far as it goes without waiting: a terminal that was stopped must not stop the keeper.
enum StandardError {
    private static let maximumWrite = 4096

    static func write(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        while !rest.isEmpty {
            var ready = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
            guard poll(&ready, 1, 0) == 1, ready.revents & Int16(POLLOUT) != 0 else { return }
            let count = Glibc.write(STDERR_FILENO, rest.baseAddress, min(rest.count, maximumWrite))
            guard count > 0 else { return }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// A line of the keeper's own.
    static func note(_ text: String) {
        Array("signalbox keeper: \(text)\n".utf8).withUnsafeBytes { write($0) }
    }
}
