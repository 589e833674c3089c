internal import CLinux
import Glibc

/// What one process sends to the journal: its lines, with the fields that are the same for all of them.
final class JournalSource {
    private static let maximumFieldName = 64
    private static let reserved: Set<String> = ["MESSAGE", "PRIORITY"]
    private static let newline: [UInt8] = [UInt8(ascii: "\n")]
    /// `PRIORITY=6`, newline, `MESSAGE=` for each priority.
    private static let heads: [[UInt8]] = (0...7).map { Array("PRIORITY=\($0)\nMESSAGE=".utf8) }

    private let link: JournalLink
    private let fields: [UInt8]
    /// All of it.
    private(set) var loss = LogLoss()
    /// Of which the journal does not know yet.
    private var pending = LogLoss()
    /// Filled anew for each line; the pointers in it are used only within `send`.
    private let parts = UnsafeMutableBufferPointer<clinux_part>.allocate(capacity: 4)

    init(link: JournalLink, fields: [String: String]) {
        self.link = link
        self.fields = fields.filter { Self.isFieldName($0.key) && !Self.reserved.contains($0.key) }.sorted { $0.key < $1.key }
            .flatMap { Self.encode($0.key, $0.value) }
    }

    deinit {
        parts.deallocate()
    }

    func write(_ lines: StampedLines) {
        lines.forEach { send($0, priority: LinePriority.of($0, tag: lines.tag), at: lines.time) }
    }

    func lost(_ bytes: Int, at time: timespec) {
        loss.add(lines: 1, bytes: bytes, at: time)
        pending.add(lines: 1, bytes: bytes, at: time)
    }

    func tellLoss(at time: timespec) {
        guard !pending.isEmpty else { return }
        let told = pending
        pending = LogLoss()
        Array(told.notice("the journal did not take them").utf8).withUnsafeBytes { send($0, priority: LinePriority.warning, at: time) }
    }

    private func send(_ line: UnsafeRawBufferPointer, priority: UInt8, at time: timespec) {
        let head = Self.heads[Int(min(priority, 7))]
        fields.withUnsafeBytes { fields in
            head.withUnsafeBytes { head in
                Self.newline.withUnsafeBytes { newline in
                    parts[0] = clinux_part(start: fields.baseAddress, count: fields.count)
                    parts[1] = clinux_part(start: head.baseAddress, count: head.count)
                    parts[2] = clinux_part(start: line.baseAddress, count: line.count)
                    parts[3] = clinux_part(start: newline.baseAddress, count: newline.count)
                    link.send(UnsafeBufferPointer(parts), textBytes: line.count + 1, from: self, at: time)
                }
            }
        }
    }

    /// `NAME=value`, or, for a value with newlines, the name, its length in 8 bytes (little-endian), and the value.
    static func encode(_ name: String, _ value: String) -> [UInt8] {
        guard value.utf8.contains(UInt8(ascii: "\n")) else { return Array("\(name)=\(value)\n".utf8) }
        let length = (0..<8).map { UInt8(truncatingIfNeeded: UInt64(value.utf8.count) >> (8 * UInt64($0))) }
        return Array("\(name)\n".utf8) + length + Array("\(value)\n".utf8)
    }

    static func isFieldName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first), name.utf8.count <= maximumFieldName
        else { return false }
        return name.utf8.allSatisfy { byte in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "_")
        }
    }
}
