import CSystemd
import Glibc

/// Sends entries to the journal with fields of their own, by sd_journal_sendv(3).
package enum Journal {
    package enum Priority: Int, Sendable {
        case critical = 2
        case error, warning, notice, info, debug
    }

    /// - Parameter fields: names in upper case, letters, digits and `_`; others are left out.
    /// - Returns: whether the journal took it; false on a host without one.
    @discardableResult
    package static func send(_ message: String, priority: Priority, fields: [String: String] = [:]) -> Bool {
        let entries =
            [("MESSAGE", message), ("PRIORITY", String(priority.rawValue))]
            + fields.filter { isFieldName($0.key) }.map { ($0.key, $0.value) }
        let texts = entries.map { Array("\($0.0)=\($0.1)".utf8) }
        let bytes = texts.flatMap { $0 }
        return bytes.withUnsafeBytes { buffer in
            var offset = 0
            let vectors = texts.map { text in
                defer { offset += text.count }
                // sd_journal_sendv reads only, though iovec's pointer is mutable.
                return iovec(iov_base: UnsafeMutableRawPointer(mutating: buffer.baseAddress?.advanced(by: offset)), iov_len: text.count)
            }
            return sd_journal_sendv(vectors, Int32(vectors.count)) == 0
        }
    }

    private static func isFieldName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first), name.utf8.count <= 64 else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "_")
        }
    }
}
