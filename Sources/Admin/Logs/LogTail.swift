import Glibc
import Supervision

/// Reads one instance's log forwards from a place, over rotations, and stops at each line that is wanted.
///
/// No file stays open between two blocks, so that following five hundred logs costs no descriptors. Memory is one block, or one line.
struct LogTail: Sendable {
    enum Outcome: Equatable {
        /// `head` is the next line.
        case head
        /// There is nothing more for now.
        case end
        /// As many bytes as were allowed have been read, and none held a line that is wanted.
        case paused
    }

    /// What has been made of one line.
    private struct Step {
        var verdict: LogFilter.Verdict
        var end: Int
        var time: LogTimestamp
        var line: LogLine?
    }

    let log: LogFile
    private let archive: LogArchive
    private let blockSize: Int
    /// The next line that is wanted, and its time. Not taken yet: `position` is before it.
    private(set) var head: LogLine?
    private(set) var headTime = LogTimestamp.none
    /// Before the first byte that has not been dealt with.
    private(set) var position: LogPosition
    /// A file has been deleted before it was read to its end.
    private(set) var hasGap = false
    /// What has been read from `position.offset` on begins at `begin`.
    private var buffer: [UInt8] = []
    private var begin = 0
    private var headEnd = 0
    private var isTooLate = false

    init(_ log: LogFile, at position: LogPosition, blockSize: Int) {
        self.log = log
        self.position = position
        self.blockSize = blockSize
        archive = LogArchive(path: log.path)
    }

    /// - Parameter budget: the bytes that may be read; what has been read is taken off it.
    mutating func advance(_ filter: LogFilter, budget: inout Int) -> Outcome {
        if head != nil { return .head }
        isTooLate = false
        while true {
            if scan(filter) { return .head }
            if isTooLate { return .end }
            if archive.isUnchanged(since: position, readUpTo: position.offset + buffer.count - begin) { return .end }
            guard budget > 0 else { return .paused }
            guard let count = readOn() else { return .end }
            budget -= max(count, LogTimestamp.length)
        }
    }

    /// Hands over the head, and goes on behind it.
    mutating func take() -> LogLine? {
        guard let line = head else { return nil }
        head = nil
        pass(to: headEnd, headTime)
        return line
    }

    /// Looks at the whole lines that have been read.
    /// - Returns: True when one is wanted.
    private mutating func scan(_ filter: LogFilter) -> Bool {
        while begin < buffer.count {
            let step = buffer.withUnsafeBytes { all -> Step? in
                guard let base = all.baseAddress else { return nil }
                let rest = all.count - begin
                let length: Int
                let end: Int
                if let newline = memchr(base + begin, Int32(UInt8(ascii: "\n")), rest) {
                    length = UnsafeRawPointer(newline) - (base + begin)
                    end = begin + length + 1
                } else if rest >= LogArchive.maximumLine {
                    length = rest
                    end = all.count
                } else {
                    return nil
                }
                let parts = LogLineParts(UnsafeRawBufferPointer(start: base + begin, count: length))
                let time = parts.time == .none ? position.time : parts.time
                let verdict = filter.verdict(parts, time: time)
                let line = verdict == .wanted ? LogLine(parts, service: log.service, instance: log.instance, time: time) : nil
                return Step(verdict: verdict, end: end, time: time, line: line)
            }
            guard let step else { return false }
            switch step.verdict {
            case .unwanted: pass(to: step.end, step.time)
            case .tooLate:
                isTooLate = true
                return false
            case .wanted:
                head = step.line
                headTime = step.time
                headEnd = step.end
                return true
            }
        }
        return false
    }

    private mutating func pass(to end: Int, _ time: LogTimestamp) {
        position.offset += end - begin
        position.time = time
        begin = end
    }

    /// - Returns: the number of bytes that have come; 0 when another file has been turned to; nil when there is nothing more for now.
    private mutating func readOn() -> Int? {
        if begin > 0 {
            buffer.removeFirst(begin)
            begin = 0
        }
        guard let file = archive.file(of: position) else { return turnToWhatIsLeft() }
        let block = file.read(from: position.offset + buffer.count, count: blockSize)
        if !block.isEmpty {
            buffer += block
            return block.count
        }
        guard let next = archive.successor(of: position.inode) else { return nil }
        // What was written between the read that found nothing and the renaming.
        guard file.size <= position.offset + buffer.count else { return 0 }
        turn(to: next, offset: 0)
        return 0
    }

    private mutating func turn(to file: LogFileHandle, offset: Int) {
        position = LogPosition(inode: file.inode, offset: offset, time: position.time)
        buffer = []
        begin = 0
    }

    /// There is no file yet, or the one that was being read is gone.
    private mutating func turnToWhatIsLeft() -> Int? {
        let files = archive.files()
        guard let oldest = files.last else { return nil }
        if position.inode != 0 { hasGap = true }
        guard position.time != .none else {
            turn(to: oldest, offset: 0)
            return 0
        }
        let last = position.time
        let next = archive.position(at: LogTimestamp(value: last.value + (position.inode == 0 ? 0 : 1)))
        guard let file = files.first(where: { $0.inode == next.inode }) else { return 0 }
        turn(to: file, offset: next.offset)
        position.time = next.time
        return 0
    }
}
