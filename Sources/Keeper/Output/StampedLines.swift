internal import CLinux
import Glibc

/// Whole lines of one moment, each behind its stamp, on their way to where they are kept.
struct StampedLines {
    let bytes: UnsafeRawBufferPointer
    let count: Int
    let time: timespec
    let tag: StreamTag

    /// Calls `body` with each line, without stamp and newline.
    func forEach(_ body: (UnsafeRawBufferPointer) -> Void) {
        guard var next = bytes.baseAddress else { return }
        let end = next + bytes.count
        while end - next > Timestamp.length {
            let text = next + Timestamp.length
            guard let newline = memchr(text, Int32(UInt8(ascii: "\n")), end - text) else { return }
            body(UnsafeRawBufferPointer(start: text, count: UnsafeRawPointer(newline) - text))
            next = UnsafeRawPointer(newline) + 1
        }
    }

    /// Of a part of `bytes` that begins and ends with a line.
    static func count(in part: UnsafeRawBufferPointer) -> Int {
        guard var next = part.baseAddress else { return 0 }
        let end = next + part.count
        var count = 0
        while next < end, let newline = memchr(next, Int32(UInt8(ascii: "\n")), end - next) {
            count += 1
            next = UnsafeRawPointer(newline) + 1
        }
        return count
    }
}
