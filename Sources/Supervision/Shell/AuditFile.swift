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

    /// The last records of the newest file, oldest first.
    func tail() -> [TransitionRecord] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return read(limit: 1) { _ in true } }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { return [] }
        let start = max(0, Int(status.st_size) - Self.tailSize)
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size) - start)
        let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, off_t(start)) }
        let lines = bytes.prefix(max(0, count)).split(separator: UInt8(ascii: "\n"))
        let records = Self.decode(start > 0 ? lines.dropFirst() : lines[...])
        return records.isEmpty ? read(limit: 1) { _ in true } : records
    }

    /// The newest records that fit, oldest first, out of all files. Blocks for as long as the disk takes.
    ///
    /// - Parameter isWanted: asked of each line before it is decoded.
    func read(limit: Int, where isWanted: (ArraySlice<UInt8>) -> Bool) -> [TransitionRecord] {
        var records: [TransitionRecord] = []
        for file in [path] + (1...Self.olderFiles).map({ "\(path).\($0)" }) where records.count < limit {
            guard let bytes = try? StateFile.read(file) else { continue }
            let lines = bytes.split(separator: UInt8(ascii: "\n")).filter(isWanted)
            records = Self.decode(lines.suffix(limit - records.count)) + records
        }
        return records
    }

    /// The oldest records that fit after a sequence, oldest first. Blocks for as long as the disk takes.
    ///
    /// - Parameter isWanted: asked of each line before it is decoded.
    func read(after sequence: Int, limit: Int, where isWanted: (ArraySlice<UInt8>) -> Bool) -> [TransitionRecord] {
        var records: [TransitionRecord] = []
        for file in (1...Self.olderFiles).reversed().map({ "\(path).\($0)" }) + [path] where records.count < limit {
            guard let bytes = try? StateFile.read(file) else { continue }
            let lines = bytes.split(separator: UInt8(ascii: "\n"))
            let later = lines[Self.firstIndex(in: lines, after: sequence)...].lazy.filter(isWanted).prefix(limit - records.count)
            records += Self.decode(Array(later)[...]).filter { $0.sequence > sequence }
        }
        return records
    }

    /// By halves: the sequences of a file only grow. A line without one counts as earlier.
    private static func firstIndex(in lines: [ArraySlice<UInt8>], after sequence: Int) -> Int {
        var range = lines.startIndex..<lines.endIndex
        while let middle = range.middle {
            if Self.sequence(of: lines[middle]) ?? 0 > sequence {
                range = range.lowerBound..<middle
            } else {
                range = (middle + 1)..<range.upperBound
            }
        }
        return range.lowerBound
    }

    /// In a string of the line the quotation marks would have backslashes before them.
    private static func sequence(of line: ArraySlice<UInt8>) -> Int? {
        guard let key = line.firstRange(of: Array("\"sequence\":".utf8)) else { return nil }
        return Int(String(decoding: line[key.upperBound...].prefix { (48...57).contains($0) }, as: UTF8.self))
    }

    /// Lines that are none, such as one that a crash cut short, are passed over.
    private static func decode(_ lines: ArraySlice<ArraySlice<UInt8>>) -> [TransitionRecord] {
        let decoder = JSONDecoder()
        return lines.compactMap { try? decoder.decode(TransitionRecord.self, from: Data($0)) }.filter { sequences.contains($0.sequence) }
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

extension Range<Int> {
    fileprivate var middle: Int? { isEmpty ? nil : lowerBound + count / 2 }
}
