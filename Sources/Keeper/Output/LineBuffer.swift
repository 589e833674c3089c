internal import CLinux
import Glibc

/// The memory through which all output goes, one batch after the other: what was read, and the stamped lines made of it.
///
/// The pointers are valid as long as the buffer, and used only within the loop's one thread.
final class LineBuffer {
    static let readSize = 128 << 10
    /// At least one line of the greatest length fits; what does not fit at once is written in several parts.
    static let capacity = 256 << 10

    let input = UnsafeMutableRawBufferPointer.allocate(byteCount: readSize, alignment: 64)
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 64)
    private var used = 0
    private(set) var lines = 0

    deinit {
        input.deallocate()
        output.deallocate()
    }

    func hasRoom(forLineOf count: Int) -> Bool {
        used + Timestamp.length + count + 1 <= Self.capacity
    }

    /// A line in two parts, without its newline. There must be room.
    func append(_ stamp: Timestamp.Stamp, _ beginning: [UInt8], _ rest: UnsafeRawBufferPointer) {
        guard let base = output.baseAddress, hasRoom(forLineOf: beginning.count + rest.count) else { return }
        var place = base + used
        place.storeBytes(of: stamp, as: Timestamp.Stamp.self)
        place += Timestamp.length
        if !beginning.isEmpty {
            beginning.withUnsafeBytes { place.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(place), byteCount: $0.count) }
            place += beginning.count
        }
        if let start = rest.baseAddress { place.copyMemory(from: start, byteCount: rest.count) }
        place += rest.count
        place.storeBytes(of: UInt8(ascii: "\n"), as: UInt8.self)
        used = place + 1 - base
        lines += 1
    }

    /// Gives what has been gathered to `body`, and begins anew.
    func take(_ time: timespec, _ tag: StreamTag, _ body: (StampedLines) -> Void) {
        guard lines > 0 else { return }
        body(StampedLines(bytes: UnsafeRawBufferPointer(rebasing: output[..<used]), count: lines, time: time, tag: tag))
        used = 0
        lines = 0
    }
}
