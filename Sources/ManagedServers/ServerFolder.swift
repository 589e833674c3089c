import Glibc

/// The folder of one server, owned by the user it runs as.
///
/// We may be root while the folder is the server's own, so that a broken-in server could plant symbolic links in it. Therefore files are
/// always made anew under a name that did not exist and then renamed, and owners are changed by descriptor, never by path.
struct ServerFolder {
    let path: String
    let user: SystemUser

    /// Makes the folder where it is missing (and its parents, traversable by all, so that the server's user reaches it).
    init(path: String, user: SystemUser) throws(ManagedServerError) {
        guard path.hasPrefix("/"), !path.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f || $0 == UInt8(ascii: "\"") }) else {
            throw ManagedServerError(
                .invalidValue, "\"\(path)\" cannot hold a server's data: use an absolute path without quotes and control characters")
        }
        self.path = path
        self.user = user
        try Self.makeParents(of: path)
        try Self.make(path, for: user, following: true)
        try checkReachable()
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func makeSubfolder(_ name: String) throws(ManagedServerError) {
        try Self.make(file(name), for: user, following: false)
    }

    /// Writes a file that only the server's user (and root) can read, whole or not at all.
    func write(_ text: String, to name: String) throws(ManagedServerError) {
        let temporary = file(".\(name).\(UInt64.random(in: 0 ... .max))")
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("write", temporary) }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                if count < 0 && errno == EINTR { continue }
                let error = Self.failure("write", temporary)
                unlink(temporary)
                throw error
            }
            rest = rest.dropFirst(count)
        }
        guard !user.isSwitched || fchown(descriptor, user.uid, user.gid) == 0, fsync(descriptor) == 0,
            rename(temporary, file(name)) == 0
        else {
            let error = Self.failure("write", file(name))
            unlink(temporary)
            throw error
        }
    }

    /// At most the first 64 KiB; nil when there is no such regular file.
    func read(_ name: String) -> String? {
        let descriptor = open(file(name), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { buffer in
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
        }
    }

    func exists(_ name: String) -> Bool {
        var status = stat()
        return lstat(file(name), &status) == 0
    }

    func remove(_ name: String) {
        unlink(file(name))
    }

    private static func makeParents(of path: String) throws(ManagedServerError) {
        var parent = ""
        for part in path.split(separator: "/").dropLast() {
            parent += "/\(part)"
            guard mkdir(parent, 0o711) == 0 || errno == EEXIST else { throw failure("make the folder", parent) }
        }
    }

    private static func make(_ path: String, for user: SystemUser, following: Bool) throws(ManagedServerError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure("make the folder", path) }
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (following ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else { throw failure("open the folder", path) }
        defer { close(descriptor) }
        guard !user.isSwitched || fchown(descriptor, user.uid, user.gid) == 0, fchmod(descriptor, 0o700) == 0 else {
            throw failure("set the owner of", path)
        }
    }

    /// A server that cannot reach its own folder fails later with a message nobody understands.
    private func checkReachable() throws(ManagedServerError) {
        guard user.isSwitched, let resolved = realpath(path, nil) else { return }
        defer { free(resolved) }
        var parent = ""
        for part in String(cString: resolved).split(separator: "/").dropLast() {
            parent += "/\(part)"
            var status = stat()
            guard stat(parent, &status) == 0 else { throw Self.failure("reach", parent) }
            let needed: mode_t = status.st_uid == user.uid ? 0o100 : status.st_gid == user.gid ? 0o010 : 0o001
            guard status.st_mode & needed != 0 else {
                throw ManagedServerError(
                    .fileSystem,
                    "the system user \"\(user.name)\" cannot reach \(path), because \(parent) is closed to others: "
                        + "use a state directory elsewhere, or chmod o+x \(parent)")
            }
        }
    }

    private static func failure(_ what: String, _ path: String) -> ManagedServerError {
        ManagedServerError(.fileSystem, "cannot \(what) \(path): \(String(cString: strerror(errno)))")
    }
}
