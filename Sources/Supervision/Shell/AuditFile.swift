import FoundationEssentials
import Glibc
internal import Synchronization

/// `audit.jsonl`: one transition a line, only ever appended to, rotated by size. Its writes come from one thread at a time.
final class AuditFile: Sendable {
    /// Bytes of one file.
    static let maximumSize = 8 << 20
    /// Beside the one that is written to; `.1` is the newest.
    static let olderFiles = 3
    /// Bytes of the newest file's end that are read to go on where it ends.
    static let tailSize = 64 << 10
    /// Of a record; a line that says another number is none of ours.
    static let sequences = 1...(1 << 53)

    let path: String
    private let descriptor = Mutex<Int32>(-1)

    init(path: String) { self.path = path }

    deinit { descriptor.withLock { if $0 >= 0 { close($0) } } }

    /// A record that cannot be written is lost to the file, not to the supervisor: a full disk must not stop it.
    func append(_ record: TransitionRecord) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let line = try? encoder.encode(record) else { return }
        descriptor.withLock { descriptor in
            if descriptor < 0 { descriptor = Self.openForAppending(path) }
            guard descriptor >= 0 else { return }
            let isWritten = StateFile.append(Array(line) + [UInt8(ascii: "\n")], to: descriptor)
            var status = stat()
            let isKnown = fstat(descriptor, &status) == 0
            guard !isWritten || !isKnown || status.st_size >= Self.maximumSize || status.st_nlink == 0 else { return }
            close(descriptor)
            descriptor = -1
            if status.st_size >= Self.maximumSize && status.st_nlink > 0 { rotate() }
        }
    }

    /// The last records of the newest file that has any, oldest first: those of about `tailSize` bytes.
    func tail() -> [TransitionRecord] {
        var newestFirst: [TransitionRecord] = []
        var size = 0
        for file in [path] + (1...Self.olderFiles).map({ "\(path).\($0)" }) where newestFirst.isEmpty {
            guard let lines = LineFile(path: file) else { continue }
            lines.backward { line in
                if let record = Self.decode(line) { newestFirst.append(record) }
                size += line.count
                return size < Self.tailSize || newestFirst.isEmpty
            }
        }
        return newestFirst.reversed()
    }

    /// The newest records that fit, oldest first, out of all files. Blocks for as long as the disk takes.
    ///
    /// - Parameter isWanted: asked of each line before it is decoded.
    func read(limit: Int, where isWanted: (ArraySlice<UInt8>) -> Bool) -> [TransitionRecord] {
        var newestFirst: [TransitionRecord] = []
        for file in [path] + (1...Self.olderFiles).map({ "\(path).\($0)" }) where newestFirst.count < limit {
            guard let lines = LineFile(path: file) else { continue }
            lines.backward { line in
                if isWanted(line), let record = Self.decode(line) { newestFirst.append(record) }
                return newestFirst.count < limit
            }
        }
        return newestFirst.reversed()
    }

    /// The oldest records that fit after a sequence, oldest first. Blocks for as long as the disk takes.
    ///
    /// - Parameter isWanted: asked of each line before it is decoded.
    func read(after sequence: Int, limit: Int, where isWanted: (ArraySlice<UInt8>) -> Bool) -> [TransitionRecord] {
        var records: [TransitionRecord] = []
        for file in (1...Self.olderFiles).reversed().map({ "\(path).\($0)" }) + [path] where records.count < limit {
            guard let lines = LineFile(path: file) else { continue }
            lines.forward(from: Self.offset(in: lines, before: sequence)) { line, _ in
                if Self.sequence(of: line) ?? 0 > sequence, isWanted(line), let record = Self.decode(line) { records.append(record) }
                return records.count < limit
            }
        }
        return records
    }

    /// No later than where the first line after a sequence begins, and at most about a block before. By halves: the sequences of a file only
    /// grow. A line without one counts for nothing.
    private static func offset(in lines: borrowing LineFile, before sequence: Int) -> Int {
        var (low, high) = (0, lines.size)
        while high - low > LineFile.blockSize {
            let middle = low + (high - low) / 2
            var found: (offset: Int, sequence: Int)?
            lines.forward(from: middle) { line, offset in
                guard offset < high else { return false }
                found = Self.sequence(of: line).map { (offset, $0) }
                return found == nil
            }
            if let found, found.sequence <= sequence { low = found.offset } else { high = middle }
        }
        return low
    }

    /// In a string of the line the quotation marks would have backslashes before them.
    private static func sequence(of line: ArraySlice<UInt8>) -> Int? {
        guard let key = line.firstRange(of: Array("\"sequence\":".utf8)) else { return nil }
        return Int(String(decoding: line[key.upperBound...].prefix { (48...57).contains($0) }, as: UTF8.self))
    }

    /// Nil: it is none, such as one that a crash cut short.
    private static func decode(_ line: ArraySlice<UInt8>) -> TransitionRecord? {
        let record = try? JSONDecoder().decode(TransitionRecord.self, from: Data(line))
        return record.flatMap { sequences.contains($0.sequence) ? $0 : nil }
    }

    private static func openForAppending(_ path: String) -> Int32 {
        let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { return descriptor }
        // A line that a crash or a full disk cut short must not swallow the next one.
        var status = stat()
        var last: UInt8 = 0
        if fstat(descriptor, &status) == 0, status.st_size > 0, pread(descriptor, &last, 1, status.st_size - 1) == 1,
            last != UInt8(ascii: "\n")
        {
            _ = StateFile.append([UInt8(ascii: "\n")], to: descriptor)
        }
        return descriptor
    }

    private func rotate() {
        for number in stride(from: Self.olderFiles - 1, through: 1, by: -1) { rename("\(path).\(number)", "\(path).\(number + 1)") }
        rename(path, "\(path).1")
    }
}
