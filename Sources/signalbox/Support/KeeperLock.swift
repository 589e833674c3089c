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
        // The file names its keeper. Only while that one lives is the lock tried: trying it takes it for a moment, and a keeper that is
        // just starting would find it taken.
        var text = [UInt8](repeating: 0, count: 32)
        let count = read(descriptor, &text, text.count)
        let digits = text.prefix(max(count, 0)).prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        guard let pid = pid_t(String(decoding: digits, as: UTF8.self)), kill(pid, 0) == 0 || errno == EPERM else { return false }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }
}
