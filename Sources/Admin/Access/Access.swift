/// How a listener tells friend from stranger.
enum Access: Sendable {
    /// TCP: a bearer token, and a Host header that names this machine (against DNS rebinding).
    case token(AdminToken)
    /// Unix socket: the peer's user, by the kernel's word; root is always let in.
    case peer(allowedUser: UInt32)
}
