internal import CLinux
import Glibc

/// What was printed and could not be kept, counted exactly: lines as they would have stood in the log, and their bytes without stamps.
struct LogLoss {
    private(set) var lines = 0
    private(set) var bytes = 0
    private var first = timespec()
    private var last = timespec()

    var isEmpty: Bool { lines == 0 }

    /// - Parameter bytes: with the newlines.
    mutating func add(lines: Int, bytes: Int, at time: timespec) {
        guard lines > 0 else { return }
        if isEmpty { first = time }
        last = time
        self.lines += lines
        self.bytes += bytes
    }

    mutating func add(_ other: LogLoss) {
        guard !other.isEmpty else { return }
        add(lines: other.lines, bytes: other.bytes, at: other.first)
        last = other.last
    }

    /// For the log in which they are missing.
    func notice(_ reason: String) -> String {
        var timestamp = Timestamp()
        return
            "[keeper] \(lines) lines (\(bytes) bytes) from \(timestamp.text(first)) to \(timestamp.text(last)) are lost: \(reason)"
    }
}
