import Glibc

/// Gives back memory that holds parts of executables and libraries and was needed once: the dynamic linker's work and a program's start touch
/// most of what is linked in, the loop that follows a fraction. The kernel maps a page again when it is used, from its cache.
enum ResidentPages {
    private static let blockSize = 64 << 10
    /// Bytes; a process of ours has a fifth of it.
    private static let maximumSize = 4 << 20

    /// Lets go of each mapping of a file that may not be written to and holds nothing of this process's own.
    static func release() {
        var mapping: (range: Range<UInt>, isFile: Bool)?
        forEachLine(of: "/proc/self/smaps") { line in
            if let found = parse(line) {
                mapping = found
            } else if line.starts(with: "Anonymous:".utf8) {
                // What relocation has changed in a read-only page would be lost with it.
                if let mapping, mapping.isFile, number(line) == 0 {
                    madvise(UnsafeMutableRawPointer(bitPattern: mapping.range.lowerBound), mapping.range.count, MADV_DONTNEED)
                }
                mapping = nil
            }
        }
    }

    /// `55d0a1c00000-55d0a1e00000 r-xp 00000000 08:01 1234 /usr/bin/x`
    private static func parse(_ line: ArraySlice<UInt8>) -> (range: Range<UInt>, isFile: Bool)? {
        // The lines about a mapping begin with a capital letter, its head with a digit.
        guard let first = line.first, first < UInt8(ascii: "A") || first >= UInt8(ascii: "a") else { return nil }
        let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5, omittingEmptySubsequences: true)
        guard fields.count >= 5, let dash = fields[0].firstIndex(of: UInt8(ascii: "-")), fields[1].count == 4,
            let low = UInt(String(decoding: fields[0][..<dash], as: UTF8.self), radix: 16),
            let high = UInt(String(decoding: fields[0][(dash + 1)...], as: UTF8.self), radix: 16), low < high
        else { return nil }
        let access = Array(fields[1])
        let mayChange = access[1] == UInt8(ascii: "w") || access[3] != UInt8(ascii: "p")
        let hasPath = fields.count == 6 && fields[5].first { $0 != UInt8(ascii: " ") } == UInt8(ascii: "/")
        return (low..<high, hasPath && !mayChange)
    }

    private static func number(_ line: ArraySlice<UInt8>) -> Int? {
        let digits = line.filter { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    private static func forEachLine(of path: String, _ body: (ArraySlice<UInt8>) -> Void) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var rest: [UInt8] = []
        var block = [UInt8](repeating: 0, count: blockSize)
        var total = 0
        while total < maximumSize {
            let count = read(descriptor, &block, block.count)
            guard count > 0 else { return }
            total += count
            rest += block[..<count]
            var begin = rest.startIndex
            while let end = rest[begin...].firstIndex(of: UInt8(ascii: "\n")) {
                body(rest[begin..<end])
                begin = end + 1
            }
            rest.removeSubrange(..<begin)
        }
    }
}
