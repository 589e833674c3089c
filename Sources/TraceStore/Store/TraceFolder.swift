import Glibc

/// The folder of the local store: every process writes files of its own into it, and the supervisor keeps it bounded.
package struct TraceFolder: Sendable {
    /// Into which every user may write, and in which only its owner can look around: the sticky bit keeps one user's files from the others.
    package static let sharedMode: UInt32 = 0o1733
    package static let ownMode: UInt32 = 0o700
    /// Entries that are looked at; there are about eight a process.
    static let maximumEntries = 10_000

    package let path: String

    package init(path: String) { self.path = path }

    /// What is in it, links and folders included; none where it cannot be read.
    func entries() -> [TraceFolderEntry] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var entries: [TraceFolderEntry] = []
        while entries.count < Self.maximumEntries, let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            var status = stat()
            guard name != ".", name != "..", fstatat(dirfd(directory), name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            entries.append(
                TraceFolderEntry(
                    name: name, isFile: status.st_mode & S_IFMT == S_IFREG, size: Int(status.st_size), modified: Int(status.st_mtim.tv_sec))
            )
        }
        return entries
    }

    /// Removes what the retention does not keep.
    ///
    /// - Parameter now: seconds since 1970.
    package func sweep(_ retention: TraceRetention = TraceRetention(), now: Int) {
        for entry in retention.surplus(of: entries(), now: now) {
            let file = "\(path)/\(entry.name)"
            // A folder that another user has put there with something in it stays; it is none of the store's.
            if unlink(file) != 0 { rmdir(file) }
        }
    }

    /// Bytes of the files in it.
    package var size: Int { entries().reduce(0) { $0 + ($1.isFile ? $1.size : 0) } }
}
