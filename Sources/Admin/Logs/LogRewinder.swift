import Supervision

/// Reads one instance's log backwards from its end, over rotated files, and stops at each line that is wanted.
struct LogRewinder: Sendable {
    enum Outcome: Equatable {
        case found, end, paused
    }

    let log: LogFile
    private let archive: LogArchive
    private let blockSize: Int
    /// The file that is read, youngest first.
    private var index = 0
    private var inodes: [UInt] = []
    /// Bytes of it before this one have not been read.
    private var start = 0
    /// The beginning of a line whose own beginning has not been read.
    private var carry: [UInt8] = []
    /// The lines of the last block that are wanted, oldest first.
    private var found: [LogPosition] = []
    private var hasEnded = false
    /// Where the last line that was taken begins; before any has been, the end.
    private(set) var position: LogPosition

    init(_ log: LogFile, blockSize: Int) {
        self.log = log
        self.blockSize = blockSize
        archive = LogArchive(path: log.path)
        position = archive.end()
        inodes = archive.files().map(\.inode)
        index = inodes.firstIndex(of: position.inode) ?? 0
        start = position.offset
    }

    /// The time of the next line backwards, once there is one.
    var time: LogTimestamp? { found.last?.time }

    mutating func advance(_ filter: LogFilter, budget: inout Int) -> Outcome {
        while found.isEmpty {
            if hasEnded || index >= inodes.count { return .end }
            guard budget > 0 else { return .paused }
            if start == 0 {
                index += 1
                guard index < inodes.count, let file = file(), file.size > 0 else { continue }
                start = file.size
                carry = []
                continue
            }
            guard let file = file() else { return .end }
            let count = min(blockSize, start)
            var block = file.read(from: start - count, count: count)
            // It has been cut short by somebody else's tool.
            guard block.count == count else { return .end }
            budget -= count
            start -= count
            block += carry
            look(at: block, inode: file.inode, filter)
        }
        return .found
    }

    mutating func take() {
        if let last = found.popLast() { position = last }
    }

    private func file() -> LogFileHandle? {
        inodes.indices.contains(index) ? archive.file(of: LogPosition(inode: inodes[index], offset: 0, time: .none)) : nil
    }

    /// Finds the lines in `block`, which begins at `start` and ends where a line does.
    private mutating func look(at block: [UInt8], inode: UInt, _ filter: LogFilter) {
        var lineStart = 0
        if start > 0 { lineStart = (block.firstIndex(of: UInt8(ascii: "\n")) ?? block.count - 1) + 1 }
        // A bound, so that a file without lines is not held in memory as a whole.
        carry = lineStart < LogArchive.maximumLine ? Array(block[..<lineStart]) : []
        var time = LogTimestamp.none
        var isOld = false
        block.withUnsafeBytes { all in
            while lineStart < all.count {
                let rest = UnsafeRawBufferPointer(rebasing: all[lineStart...])
                let length = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.count
                let parts = LogLineParts(UnsafeRawBufferPointer(rebasing: rest[..<length]))
                if parts.time != .none { time = parts.time }
                if let since = filter.since, parts.time != .none, parts.time < since { isOld = true }
                if filter.verdict(parts, time: time) == .wanted {
                    found.append(LogPosition(inode: inode, offset: start + lineStart, time: time))
                }
                lineStart += length + 1
            }
        }
        // What is before is older still.
        if isOld { hasEnded = true }
    }
}
