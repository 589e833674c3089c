internal import CLinux
import Glibc

/// Cuts a stream into lines and puts time and stream before each: `2026-11-21T12:00:00.123456Z out text`.
struct LineStamper {
    /// A longer line is cut into several, so that a stream without newlines is held in bounded memory.
    static let maximumLine = 64 << 10
    /// What may stay allocated between two lines.
    private static let keptCapacity = 256

    let tag: StreamTag
    /// The beginning of a line whose end has not come yet.
    private var partial: [UInt8] = []

    init(tag: StreamTag) {
        self.tag = tag
    }

    /// - Parameters:
    ///   - buffer: empty, and empty again afterwards.
    ///   - write: takes the lines that are whole now, in several parts if they are many.
    mutating func append(
        _ bytes: UnsafeRawBufferPointer, stamp: Timestamp.Stamp, time: timespec, through buffer: LineBuffer, _ write: (StampedLines) -> Void
    ) {
        guard var next = bytes.baseAddress else { return }
        let end = next + bytes.count
        while next < end, let found = memchr(next, Int32(UInt8(ascii: "\n")), end - next) {
            let newline = UnsafeRawPointer(found)
            if newline - next + partial.count > Self.maximumLine { next = cut(next, newline, stamp, time, buffer, write) }
            add(UnsafeRawBufferPointer(start: next, count: newline - next), stamp, time, buffer, write)
            next = newline + 1
        }
        if end - next + partial.count > Self.maximumLine { next = cut(next, end, stamp, time, buffer, write) }
        if next < end { partial.append(contentsOf: UnsafeRawBufferPointer(start: next, count: end - next)) }
        buffer.take(time, tag, write)
    }

    /// Ends a line that has no newline.
    mutating func finish(stamp: Timestamp.Stamp, time: timespec, through buffer: LineBuffer, _ write: (StampedLines) -> Void) {
        guard !partial.isEmpty else { return }
        add(UnsafeRawBufferPointer(start: nil, count: 0), stamp, time, buffer, write)
        buffer.take(time, tag, write)
    }

    /// Lines of the greatest length, until what is left is none.
    private mutating func cut(
        _ start: UnsafeRawPointer, _ end: UnsafeRawPointer, _ stamp: Timestamp.Stamp, _ time: timespec, _ buffer: LineBuffer,
        _ write: (StampedLines) -> Void
    ) -> UnsafeRawPointer {
        var next = start
        while end - next + partial.count > Self.maximumLine {
            let count = Self.maximumLine - partial.count
            add(UnsafeRawBufferPointer(start: next, count: count), stamp, time, buffer, write)
            next += count
        }
        return next
    }

    private mutating func add(
        _ rest: UnsafeRawBufferPointer, _ stamp: Timestamp.Stamp, _ time: timespec, _ buffer: LineBuffer, _ write: (StampedLines) -> Void
    ) {
        if !buffer.hasRoom(forLineOf: partial.count + rest.count) { buffer.take(time, tag, write) }
        buffer.append(stamp, partial, rest)
        if !partial.isEmpty { partial.removeAll(keepingCapacity: partial.capacity <= Self.keptCapacity) }
    }
}
