import Supervision

/// A place in one instance's log: the last lines before it, and those that come after, over rotations.
struct LogCursor: Sendable {
    /// Bytes read at a time.
    private static let blockSize = 64 << 10
    /// Bytes of the past that are looked at for the last lines of one instance.
    private static let maximumPast = 4 << 20
    /// Bytes after which a line without an end is handed on as it is.
    private static let maximumLine = 256 << 10
    /// Older files, `.1` being the youngest, that are looked at.
    private static let maximumRotated = 9

    let file: LogFile
    private var handle: LogFileHandle?
    private var offset = 0
    private var rest: [UInt8] = []

    /// At the end of what has been written by now, after its last whole line.
    init(_ file: LogFile) {
        self.file = file
        handle = LogFileHandle(path: file.path)
        if let handle { offset = Self.endOfLastLine(of: handle) }
    }

    /// Before the first line, for a file that has just come.
    init(fromStartOf file: LogFile) { self.file = file }

    private static func endOfLastLine(of handle: LogFileHandle) -> Int {
        let size = handle.size
        let start = max(0, size - maximumLine)
        let block = handle.read(from: start, count: size - start)
        guard let newline = block.lastIndex(of: UInt8(ascii: "\n")) else { return size }
        return start + newline + 1
    }

    /// The last `count` lines before the cursor's place.
    func past(_ count: Int) -> [LogLine] {
        guard let handle else { return [] }
        var lines = Self.last(count, of: handle, before: offset)
        var budget = Self.maximumPast - offset
        for number in 1...Self.maximumRotated where lines.count < count && budget > 0 {
            guard let older = LogFileHandle(path: "\(file.path).\(number)") else { break }
            let size = older.size
            lines = Self.last(count - lines.count, of: older, before: size) + lines
            budget -= size
        }
        return lines.map(parse)
    }

    private static func last(_ count: Int, of handle: LogFileHandle, before end: Int) -> [String] {
        var start = end
        var bytes: [UInt8] = []
        var newlines = 0
        while start > 0, newlines <= count, bytes.count < maximumPast {
            let block = min(blockSize, start)
            start -= block
            let part = handle.read(from: start, count: block)
            newlines += part.count { $0 == UInt8(ascii: "\n") }
            bytes = part + bytes
        }
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // What follows the last newline is empty; what stands before the first may be half a line.
        if lines.last?.isEmpty == true { lines.removeLast() }
        if start > 0, !lines.isEmpty { lines.removeFirst() }
        return lines.suffix(count).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The whole lines that have come since, at most about a block of them. Empty: nothing new.
    mutating func advance() -> [LogLine] {
        guard let handle else {
            self.handle = LogFileHandle(path: file.path)
            return self.handle == nil ? [] : advance()
        }
        if handle.size < offset {
            // Emptied in place by somebody else's tool.
            offset = 0
            rest = []
        }
        let block = handle.read(from: offset, count: Self.blockSize)
        if block.isEmpty { return rotated(from: handle) }
        offset += block.count
        rest += block
        var lines = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let unfinished = lines.removeLast()
        if unfinished.count > Self.maximumLine {
            lines.append(unfinished)
            rest = []
        } else {
            rest = Array(unfinished)
        }
        return lines.map { parse(String(decoding: $0, as: UTF8.self)) }
    }

    /// Goes on with the file that took the name, once the old one has been read to its end.
    private mutating func rotated(from old: LogFileHandle) -> [LogLine] {
        guard let inode = LogFileHandle.inode(path: file.path), inode != old.inode, let new = LogFileHandle(path: file.path) else {
            return []
        }
        // What was written between the read that found nothing and the renaming.
        guard old.size <= offset else { return [] }
        handle = new
        offset = 0
        rest = []
        return advance()
    }

    private func parse(_ line: String) -> LogLine { LogLine(line, service: file.service, instance: file.instance) }
}
