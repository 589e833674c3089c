import FoundationEssentials
import Glibc

/// `logs/transitions.jsonl`: one transition a line, only ever appended to, rotated by size.
struct AuditFile {
    /// Bytes.
    static let maximumSize = 8 << 20
    /// `.1` is the newest.
    static let olderFiles = 3

    private let path: String

    init(path: String) { self.path = path }

    /// A record that cannot be written is lost to the file, not to the supervisor: a full disk must not stop it.
    func append(_ record: TransitionRecord) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let line = try? encoder.encode(record) else { return }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { return }
        _ = StateFile.append(Array(line) + [UInt8(ascii: "\n")], to: descriptor)
        var status = stat()
        let isFull = fstat(descriptor, &status) == 0 && status.st_size >= Self.maximumSize
        close(descriptor)
        if isFull { rotate() }
    }

    /// The last records, oldest first. Lines that are none, such as one that a crash cut short, are passed over.
    func tail(limit: Int) -> [TransitionRecord] {
        var records: [TransitionRecord] = []
        let decoder = JSONDecoder()
        for file in [path, "\(path).1"] where records.count < limit {
            guard let bytes = try? StateFile.read(file) else { continue }
            let lines = bytes.split(separator: UInt8(ascii: "\n")).suffix(limit - records.count)
            records = lines.compactMap { try? decoder.decode(TransitionRecord.self, from: Data($0)) } + records
            if !records.isEmpty { break }
        }
        return records
    }

    private func rotate() {
        for number in stride(from: Self.olderFiles - 1, through: 1, by: -1) { rename("\(path).\(number)", "\(path).\(number + 1)") }
        rename(path, "\(path).1")
    }
}
