internal import CLinux
import Glibc

/// A log file that never grows without bound: at 16 MiB it becomes `.1`, the former `.1` becomes `.2`, and so on; four files in all.
final class LogFile {
    static let maximumSize = 16 << 20
    static let maximumFiles = 4

    let path: String
    private let maximumSize: Int
    private var descriptor: Descriptor
    private var size: Int
    private var timestamp = Timestamp()
    /// Bytes that could not be written (a full disk, say), to be told of when writing works again.
    private(set) var droppedBytes = 0

    init(path: String, maximumSize: Int = LogFile.maximumSize) throws(SystemError) {
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try Files.makeDirectory(String(path[..<slash]), mode: 0o755)
        }
        self.path = path
        self.maximumSize = maximumSize
        descriptor = try Self.open(path)
        size = Self.size(of: descriptor)
    }

    /// - Parameter lines: whole lines; a file ends with a whole line.
    func write(_ lines: [UInt8]) {
        guard !lines.isEmpty else { return }
        if size + lines.count > maximumSize && size > 0 { rotate() }
        if droppedBytes > 0 {
            let notice =
                timestamp.format(Timestamp.realTime())
                + Array(" err [keeper] \(droppedBytes) bytes before this were lost: \(path) could not be written\n".utf8)
            guard writeAll(notice) else {
                droppedBytes += lines.count
                return
            }
            droppedBytes = 0
        }
        if !writeAll(lines) { droppedBytes += lines.count }
    }

    /// A line of the keeper's own.
    func note(_ text: String) {
        write(timestamp.format(Timestamp.realTime()) + Array(" err [keeper] \(text)\n".utf8))
    }

    /// What was written of lines that do not fit is taken back, so that no half line stays.
    private func writeAll(_ bytes: [UInt8]) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor.number, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                ftruncate(descriptor.number, off_t(size))
                return false
            }
            written += count
        }
        size += bytes.count
        return true
    }

    private func rotate() {
        for number in stride(from: Self.maximumFiles - 1, to: 1, by: -1) { rename("\(path).\(number - 1)", "\(path).\(number)") }
        guard rename(path, "\(path).1") == 0, let next = try? Self.open(path) else { return }
        descriptor = next
        size = Self.size(of: next)
    }

    private static func open(_ path: String) throws(SystemError) -> Descriptor {
        try Descriptor(clinux_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o640), step: "open \(path)")
    }

    private static func size(of descriptor: Descriptor) -> Int {
        var status = stat()
        return fstat(descriptor.number, &status) == 0 ? Int(status.st_size) : 0
    }
}
