import Glibc
import Supervision

/// The files of one instance's log: the one that is written to, and `.1`, `.2` … beside it, older and older.
struct LogArchive: Sendable {
    /// More are not kept by any rule.
    private static let maximumRotated = 1000
    /// Gaps that somebody's clean-up may have left.
    private static let maximumGap = 2
    /// Bytes read at once while a time is looked for; most lines are shorter.
    private static let probeSize = 4 << 10
    /// Bytes after which a line without an end is taken as it is. The keeper cuts lines well before.
    static let maximumLine = 256 << 10

    let path: String

    /// All that are there, youngest first. Looked up in that order a rotation can show a file twice, which is left out, and hides none.
    func files() -> [LogFileHandle] {
        var files: [LogFileHandle] = []
        var gap = 0
        for number in 0...Self.maximumRotated where gap < Self.maximumGap {
            guard let file = LogFileHandle(path: number == 0 ? path : "\(path).\(number)") else {
                gap += number == 0 ? 0 : 1
                continue
            }
            gap = 0
            if !files.contains(where: { $0.inode == file.inode }) { files.append(file) }
        }
        return files
    }

    /// The file that `position` is in, if it is there still.
    func file(of position: LogPosition) -> LogFileHandle? {
        guard position.inode != 0 else { return nil }
        if let current = LogFileHandle(path: path), current.inode == position.inode { return isSame(current, position) ? current : nil }
        return files().first { $0.inode == position.inode && isSame($0, position) }
    }

    /// The number of a deleted file is given to a new one sooner or later; whatever that holds is newer.
    private func isSame(_ file: LogFileHandle, _ position: LogPosition) -> Bool {
        guard position.offset > 0 else { return true }
        guard position.offset <= file.size else { return false }
        return firstTime(of: file).map { $0 <= position.time } ?? true
    }

    /// The file that was begun after the one that has `inode`; nil: that one is written to still.
    func successor(of inode: UInt) -> LogFileHandle? {
        let files = files()
        guard let index = files.firstIndex(where: { $0.inode == inode }) else { return files.last }
        return index > 0 ? files[index - 1] : nil
    }

    /// True: nothing can have come since a reader was at the end of the newest file.
    func isUnchanged(since position: LogPosition, readUpTo end: Int) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else { return true }
        return UInt(status.st_ino) == position.inode && Int(status.st_size) == end
    }

    // MARK: Places

    /// After the last whole line.
    func end() -> LogPosition {
        guard let file = LogFileHandle(path: path) else { return .start }
        let end = Self.endOfLastLine(of: file)
        return LogPosition(inode: file.inode, offset: end, time: lastTime(of: file, before: end) ?? .now)
    }

    /// Before the first line that is not older than `time`.
    func position(at time: LogTimestamp) -> LogPosition {
        let files = files()
        guard let oldest = files.last else { return LogPosition(inode: 0, offset: 0, time: time) }
        // Youngest first: the first one that begins before the time has it.
        let file = files.first { file in firstTime(of: file).map { $0 < time } ?? false } ?? oldest
        let offset = offset(in: file, at: time)
        return LogPosition(inode: file.inode, offset: offset, time: max(time, firstTime(of: file) ?? time))
    }

    static func endOfLastLine(of file: LogFileHandle) -> Int {
        let size = file.size
        var end = size
        while end > max(0, size - maximumLine) {
            let start = max(0, end - probeSize)
            let block = file.read(from: start, count: end - start)
            guard !block.isEmpty else { return start }
            if let newline = block.lastIndex(of: UInt8(ascii: "\n")) { return start + newline + 1 }
            end = start
        }
        return end
    }

    private func firstTime(of file: LogFileHandle) -> LogTimestamp? {
        let head = file.read(from: 0, count: LogTimestamp.length)
        return head.withUnsafeBytes { LogTimestamp($0) }
    }

    private func lastTime(of file: LogFileHandle, before end: Int) -> LogTimestamp? {
        let start = max(0, end - Self.maximumLine)
        let block = file.read(from: start, count: end - start).dropLast()
        let line = block.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return block[line...].withUnsafeBytes { LogTimestamp($0) }
    }

    /// By halving: lines of one file are in the order of their times.
    private func offset(in file: LogFileHandle, at time: LogTimestamp) -> Int {
        var low = 0
        var high = file.size
        while low < high {
            let middle = (low + high) / 2
            guard let line = line(in: file, after: middle, before: high), let stamp = line.time else {
                high = middle
                continue
            }
            if stamp < time { low = line.offset + 1 } else { high = middle }
        }
        // `low` is within the last line that is too old, or 0.
        guard low > 0 else { return 0 }
        return line(in: file, after: low, before: file.size)?.offset ?? file.size
    }

    /// The first line that begins at `start` or later.
    private func line(in file: LogFileHandle, after start: Int, before end: Int) -> (offset: Int, time: LogTimestamp?)? {
        guard start > 0 else { return (0, firstTime(of: file)) }
        var offset = start - 1
        while offset < end {
            let block = file.read(from: offset, count: Self.probeSize)
            guard !block.isEmpty else { return nil }
            if let newline = block.firstIndex(of: UInt8(ascii: "\n")) {
                let begin = offset + newline + 1
                guard begin < end else { return nil }
                let head = file.read(from: begin, count: LogTimestamp.length)
                return (begin, head.withUnsafeBytes { LogTimestamp($0) })
            }
            offset += block.count
        }
        return nil
    }
}
