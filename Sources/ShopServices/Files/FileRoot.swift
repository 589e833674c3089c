import Foundation

/// Opens what lies under one folder, and nothing else: a path is walked one component at a time with `openat(2)` and `O_NOFOLLOW`, so neither
/// `..`, nor an absolute path, nor a symbolic link made at any moment leads out of it.
struct FileRoot: Sendable {
    static let maximumPathLength = 1024
    static let maximumDepth = 32

    let path: String

    /// - Throws: `FileAccessError` that says what is wrong with the path, without saying what lies outside the root.
    func openFolder(_ path: String) throws(FileAccessError) -> FileDescriptorOwner {
        try open(path, flags: O_RDONLY | O_DIRECTORY)
    }

    /// Only regular files are opened: a pipe or a device would hold the caller up.
    func openFile(_ path: String) throws(FileAccessError) -> FileDescriptorOwner {
        let owner = try open(path, flags: O_RDONLY | O_NONBLOCK)
        var status = stat()
        guard fstat(owner.descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path) }
        return owner
    }

    /// The names between the slashes; none for the root itself.
    static func components(of path: String) throws(FileAccessError) -> [String] {
        guard path.utf8.count <= maximumPathLength, !path.utf8.contains(0) else { throw .invalid("the path is too long or holds a NUL") }
        guard !path.hasPrefix("/") else {
            throw .invalid("the path is absolute, expected one relative to the root, such as reports/2026.csv")
        }
        let components = path.split(separator: "/").map(String.init).filter { $0 != "." }
        guard !components.contains("..") else { throw .invalid("the path holds .., expected one that stays below the root") }
        guard components.count <= maximumDepth else { throw .invalid("the path is deeper than \(maximumDepth) folders") }
        return components
    }

    private func open(_ path: String, flags: Int32) throws(FileAccessError) -> FileDescriptorOwner {
        let components = try Self.components(of: path)
        let root = Glibc.open(self.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { throw .rootMissing }
        var current = FileDescriptorOwner(root)
        for (index, component) in components.enumerated() {
            let isLast = index == components.count - 1
            let next = openat(
                current.descriptor, component, (isLast ? flags : O_RDONLY | O_DIRECTORY) | O_NOFOLLOW | O_CLOEXEC)
            guard next >= 0 else {
                switch errno {
                case ENOENT: throw .notFound(path)
                case ELOOP, ENOTDIR: throw isLast && flags & O_DIRECTORY == 0 ? .notAFile(path) : .notAFolder(path)
                case EACCES, EPERM: throw .forbidden(path)
                default: throw .failed(path, errno)
                }
            }
            current = FileDescriptorOwner(next)
        }
        if components.isEmpty && flags & O_DIRECTORY == 0 { throw .notAFile(path) }
        return current
    }
}

/// Closes its descriptor when it goes.
final class FileDescriptorOwner {
    let descriptor: Int32

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }
}

enum FileAccessError: Error, Equatable {
    case invalid(String)
    case notFound(String)
    case notAFolder(String)
    case notAFile(String)
    case forbidden(String)
    case failed(String, Int32)
    case rootMissing
}
