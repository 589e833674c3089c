import Glibc

/// The lock that a keeper holds on its state directory for as long as it lives.
enum KeeperLock {
    static func isHeld(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            // Another user's: whoever may not look must take it as held, so that nothing is started twice.
            return errno == EACCES
        }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }
}
