import Glibc

/// The unprivileged user a server runs as: its Debian system user when we are root, else ourselves.
struct SystemUser: Equatable {
    var name: String
    var uid: uid_t
    var gid: gid_t
    /// Whether a switch from root is needed.
    var isSwitched: Bool

    /// - Parameter package: the Debian package that creates the user, for the error's advice.
    static func server(named name: String, package: String) throws(ManagedServerError) -> SystemUser {
        guard geteuid() == 0 else { return SystemUser(name: "", uid: geteuid(), gid: getegid(), isSwitched: false) }
        var buffer = [CChar](repeating: 0, count: 16_384)
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else {
            throw ManagedServerError(
                .notInstalled, "there is no system user \"\(name)\" to run the server as: apt-get install \(package), or do not run as root"
            )
        }
        return SystemUser(name: name, uid: entry.pw_uid, gid: entry.pw_gid, isSwitched: true)
    }
}
