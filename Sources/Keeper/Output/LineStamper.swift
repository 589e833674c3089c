import Glibc

/// Cuts a stream into lines and puts time and stream before each: `2026-11-21T12:00:00.123456Z out text`.
struct LineStamper {
    /// A longer line is cut into several, so that a stream without newlines is held in bounded memory.
    static let maximumLine = 64 << 10

    private let tag: [UInt8]
    /// The beginning of a line whose end has not come yet.
    private var partial: [UInt8] = []

    /// - Parameter tag: `out` or `err`.
    init(tag: String) {
        self.tag = [UInt8(ascii: " ")] + Array(tag.utf8) + [UInt8(ascii: " ")]
    }

    /// Appends the lines that are whole now to `lines`.
    mutating func append(_ bytes: UnsafeRawBufferPointer, time: [UInt8], to lines: inout [UInt8]) {
        guard var next = bytes.baseAddress else { return }
        let end = next + bytes.count
        while next < end {
            guard let newline = memchr(next, Int32(UInt8(ascii: "\n")), end - next) else { break }
            let line = UnsafeRawBufferPointer(start: next, count: UnsafeRawPointer(newline) - next)
            begin(time, &lines)
            lines.append(contentsOf: line)
            lines.append(UInt8(ascii: "\n"))
            next = UnsafeRawPointer(newline) + 1
        }
        partial.append(contentsOf: UnsafeRawBufferPointer(start: next, count: end - next))
        if partial.count >= Self.maximumLine { finish(time: time, to: &lines) }
    }

    /// Ends a line that has no newline.
    mutating func finish(time: [UInt8], to lines: inout [UInt8]) {
        guard !partial.isEmpty else { return }
        begin(time, &lines)
        lines.append(UInt8(ascii: "\n"))
    }

    private mutating func begin(_ time: [UInt8], _ lines: inout [UInt8]) {
        lines.append(contentsOf: time)
        lines.append(contentsOf: tag)
        lines.append(contentsOf: partial)
        partial.removeAll(keepingCapacity: true)
    }
}
