import Glibc

/// A file of lines, read in blocks: no more of it is in memory than a block and the line that goes beyond it. Blocks for as long as the
/// disk takes.
struct LineFile: ~Copyable {
    static let blockSize = 16 << 10
    /// Bytes; a longer line is passed over.
    static let longestLine = 1 << 20

    private let descriptor: Int32
    /// Bytes, when it was opened; what is appended later is not seen.
    let size: Int

    init?(path: String) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            close(descriptor)
            return nil
        }
        size = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// The lines that begin at `offset` or later, each with where it begins, until `body` says false.
    func forward(from offset: Int, _ body: (ArraySlice<UInt8>, Int) -> Bool) {
        // A line begins behind a newline: which is the byte before `offset`, or not.
        var position = max(0, offset - 1)
        var isWanted = offset <= 0
        // The beginning of the line that goes beyond the block.
        var rest: [UInt8] = []
        while position < size {
            let block = read(position, min(Self.blockSize, size - position))
            guard !block.isEmpty else { return }
            var bytes = block[...]
            while let newline = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                let line = rest.isEmpty ? bytes[..<newline] : (rest + bytes[..<newline])[...]
                if isWanted, !line.isEmpty, !body(line, position + newline - line.count) { return }
                isWanted = true
                rest = []
                bytes = bytes[(newline + 1)...]
            }
            rest += bytes
            position += block.count
            if rest.count > Self.longestLine {
                rest = []
                isWanted = false
            }
        }
        if isWanted, !rest.isEmpty { _ = body(rest[...], size - rest.count) }
    }

    /// All lines, the last one first, until `body` says false.
    func backward(_ body: (ArraySlice<UInt8>) -> Bool) {
        var position = size
        var isWanted = true
        // The end of the line that begins before the block.
        var rest: [UInt8] = []
        while position > 0 {
            let block = read(max(0, position - Self.blockSize), min(Self.blockSize, position))
            guard block.count == min(Self.blockSize, position) else { return }
            var bytes = block[...]
            while let newline = bytes.lastIndex(of: UInt8(ascii: "\n")) {
                let line = rest.isEmpty ? bytes[(newline + 1)...] : (bytes[(newline + 1)...] + rest)[...]
                if isWanted, !line.isEmpty, !body(line) { return }
                isWanted = true
                rest = []
                bytes = bytes[..<newline]
            }
            rest = bytes + rest
            position -= block.count
            if rest.count > Self.longestLine {
                rest = []
                isWanted = false
            }
        }
        if isWanted, !rest.isEmpty { _ = body(rest[...]) }
    }

    private func read(_ position: Int, _ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(descriptor, buffer.baseAddress! + filled, count - filled, off_t(position + filled))
                if got < 0 && errno == EINTR { continue }
                // Less than there was a moment ago: somebody has cut it.
                guard got > 0 else { return }
                filled += got
            }
        }
    }
}
