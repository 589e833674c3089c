import CSystemd
import Glibc

/// Tells a service manager how one is doing, as sd_notify(3) does: systemd, or the keeper to its children.
///
/// Every call is best effort: a manager that does not listen is no reason to fail.
package struct SystemdNotifier: Sendable {
    private let address: String

    /// - Parameter socket: the value of `NOTIFY_SOCKET`: a path, or `@` and an abstract name.
    /// - Returns: nil without one.
    package init?(socket: String?) {
        guard let socket, socket.hasPrefix("/") || socket.hasPrefix("@"), socket.utf8.count < 108 else { return nil }
        address = socket
    }

    package func ready() { send("READY=1") }
    package func stopping() { send("STOPPING=1") }
    package func watchdog() { send("WATCHDOG=1") }

    /// One line for people, shown by `systemctl status`.
    package func status(_ text: String) {
        send("STATUS=\(text.replacing("\n", with: " "))")
    }

    /// Assignments, one a line.
    package func send(_ assignments: String) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        // An abstract name begins with a NUL and is as long as it is said to be.
        let bytes = address.hasPrefix("@") ? [0] + Array(address.utf8.dropFirst()) : Array(address.utf8)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let message = Array(assignments.utf8)
        _ = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
    }
}
