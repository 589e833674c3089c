import Glibc
import NIOCore

/// Who is at the other end of a Unix socket, as the kernel knows it (`struct ucred`, see SO_PEERCRED in unix(7)).
struct PeerCredentials: Sendable {
    var process: Int32
    var user: UInt32
    var group: UInt32

    /// - Returns: Nil when `channel` is not a Unix socket.
    static func of(_ channel: any Channel) async -> PeerCredentials? {
        guard let provider = channel as? any SocketOptionProvider else { return nil }
        // Safe: PeerCredentials has the layout of `struct ucred`, three 32-bit numbers, and the option fills in all of it.
        let option: EventLoopFuture<PeerCredentials> = provider.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
        return try? await option.get()
    }
}
