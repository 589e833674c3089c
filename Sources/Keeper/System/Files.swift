internal import CLinux
import Glibc

/// Whole small files at once: those of /proc, of cgroups and our own records.
enum Files {
    /// More than any environment a process can have been given by us.
    static let maximumRead = 1 << 20

    /// nil when it cannot be read.
    static func read(_ path: String, limit: Int = maximumRead) -> [UInt8]? {
        let descriptor = clinux_open(path, O_RDONLY | O_CLOEXEC, 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let size = min(limit - bytes.count, bytes.isEmpty ? 4096 : 65536)
            var count = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
                count = Glibc.read(descriptor, buffer.baseAddress, size)
                initialized = max(count, 0)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += chunk
        }
        return bytes
    }

    static func readText(_ path: String) -> String? {
        read(path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Writes into a file that is there, as the kernel's own files want it: in one call.
    static func write(_ text: String, to path: String) throws(SystemError) {
        let descriptor = try Descriptor(clinux_open(path, O_WRONLY | O_CLOEXEC, 0), step: "open \(path)")
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor.number, bytes, bytes.count) == bytes.count else { throw .last("write \(path)") }
    }

    /// A reader sees the old file or the new one, never a part.
    static func replace(_ path: String, with bytes: [UInt8], mode: mode_t) throws(SystemError) {
        let temporary = path + ".new"
        do {
            let descriptor = try Descriptor(
                clinux_open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode), step: "open \(temporary)")
            var written = 0
            while written < bytes.count {
                let count = bytes.withUnsafeBytes {
                    Glibc.write(descriptor.number, $0.baseAddress?.advanced(by: written), $0.count - written)
                }
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { throw SystemError.last("write \(temporary)") }
                written += count
            }
        }
        guard rename(temporary, path) == 0 else { throw .last("rename \(temporary)") }
    }

    /// Makes the folder and those above it.
    static func makeDirectory(_ path: String, mode: mode_t) throws(SystemError) {
        if isDirectory(path) { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeDirectory(String(path[..<slash]), mode: 0o755)
        }
        if mkdir(path, mode) == 0 {
            chmod(path, mode)
        } else if errno != EEXIST {
            throw .last("mkdir \(path)")
        }
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && (status.st_mode & S_IFMT) == S_IFDIR
    }

    /// Names without "." and ".."; empty when the folder cannot be read.
    static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}
