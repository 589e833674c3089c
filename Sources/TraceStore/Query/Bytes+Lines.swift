import Glibc

extension ArraySlice<UInt8> {
    /// The next line without its end; nil where there is none. What has no end is no line: it is still being written, or never will be.
    mutating func popLine() -> ArraySlice<UInt8>? {
        let start = startIndex
        let end: Int? = withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, let found = memchr(base, 0x0a, bytes.count) else { return nil }
            return found - UnsafeMutableRawPointer(mutating: base)
        }
        guard let end else { return nil }
        defer { self = self[(start + end + 1)...] }
        return self[start..<(start + end)]
    }
}

extension [UInt8] {
    /// Each whole line in which `wanted` occurs.
    func lines(containing wanted: [UInt8]) -> [ArraySlice<UInt8>] {
        let search = ByteSearch(wanted)
        var lines: [ArraySlice<UInt8>] = []
        var place = 0
        while let found = withUnsafeBytes({ search.first(in: $0, from: place) }) {
            var start = found
            while start > 0, self[start - 1] != 0x0a { start -= 1 }
            guard let end = self[found...].firstIndex(of: 0x0a) else { break }
            lines.append(self[start..<end])
            place = end + 1
        }
        return lines
    }
}
