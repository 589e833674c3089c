import Foundation

/// What a folder holds, by name. Symbolic links are shown as such and never followed.
struct FolderListing: Encodable, Equatable, Sendable {
    static let maximumEntries = 10_000

    struct Entry: Encodable, Equatable, Sendable {
        enum Kind: String, Encodable, Sendable {
            case file, folder, link, other
        }

        var name: String
        var kind: Kind
        /// Bytes; files only.
        var size: Int?
        var modifiedAt: Date

        enum CodingKeys: String, CodingKey {
            case name
            case kind
            case size
            case modifiedAt = "modified_at"
        }
    }

    var path: String
    var entries: [Entry]
    /// There were more than `maximumEntries`.
    var isTruncated: Bool

    enum CodingKeys: String, CodingKey {
        case path
        case entries
        case isTruncated = "truncated"
    }

    init(path: String, in root: FileRoot) throws(FileAccessError) {
        let folder = try root.openFolder(path)
        // fdopendir takes the descriptor over.
        let copy = fcntl(folder.descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0, let stream = fdopendir(copy) else { throw .failed(path, errno) }
        defer { closedir(stream) }
        var entries: [Entry] = []
        var isTruncated = false
        while let item = readdir(stream) {
            let name = withUnsafePointer(to: &item.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            if entries.count == Self.maximumEntries {
                isTruncated = true
                break
            }
            var status = stat()
            // What vanished since it was read is not listed.
            guard fstatat(dirfd(stream), name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            entries.append(Entry(name: name, status: status))
        }
        self.path = path
        self.entries = entries.sorted { $0.name < $1.name }
        self.isTruncated = isTruncated
    }
}

extension FolderListing.Entry {
    fileprivate init(name: String, status: stat) {
        self.name = name
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .link
            default: .other
            }
        size = kind == .file ? Int(status.st_size) : nil
        modifiedAt = Date(timeIntervalSince1970: Double(withUnsafeBytes(of: status.st_mtim) { $0.load(as: Int.self) }))
    }
}
