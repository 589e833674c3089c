/// Bytes on their way to the socket.
struct OutputBuffer {
    private var bytes: [UInt8] = []
    private var head = 0

    private static let keptCapacity = 256 * 1024

    var count: Int { bytes.count - head }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ more: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: more)
    }

    mutating func append(_ more: [UInt8]) {
        bytes.append(contentsOf: more)
    }

    mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Takes back what was appended since `count` was this.
    mutating func truncate(to count: Int) {
        bytes.removeLast(self.count - count)
    }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0.dropFirst(head))) }
    }

    mutating func removeFirst(_ count: Int) {
        head += count
        if head == bytes.count {
            bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
            head = 0
        } else if head > Self.keptCapacity {
            bytes.removeFirst(head)
            head = 0
        }
    }
}
