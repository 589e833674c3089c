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
        var isPastNewline = offset <= 0
        var rest: [UInt8] = []
        while position < size {
            let block = read(position, min(Self.blockSize, size - position))
            guard !block.isEmpty else { return }
            var begin = position - rest.count
            position += block.count
            var bytes = rest.isEmpty ? block[...] : (rest + block)[...]
            while let newline = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                let line = bytes[..<newline]
                if isPastNewline, !line.isEmpty, !body(line, begin) { return }
                isPastNewline = true
                begin += line.count + 1
                bytes = bytes[(newline + 1)...]
            }
            rest = Array(bytes)
            if rest.count > Self.longestLine {
                rest = []
                isPastNewline = false
            }
        }
        if isPastNewline, !rest.isEmpty { _ = body(rest[...], size - rest.count) }
    }

    /// All lines, the last one first, until `body` says false.
    func backward(_ body: (ArraySlice<UInt8>) -> Bool) {
        var position = size
        var rest: [UInt8] = []
        var isTooLong = false
        while position > 0 {
            let length = min(Self.blockSize, position)
            let block = read(position - length, length)
            guard block.count == length else { return }
            position -= length
            var bytes = rest.isEmpty ? block[...] : (block + rest)[...]
            while let newline = bytes.lastIndex(of: UInt8(ascii: "\n")) {
                let line = bytes[(newline + 1)...]
                if !isTooLong, !line.isEmpty, !body(line) { return }
                isTooLong = false
                bytes = bytes[..<newline]
            }
            rest = Array(bytes)
            if rest.count > Self.longestLine {
                rest = []
                isTooLong = true
            }
        }
        if !isTooLong, !rest.isEmpty { _ = body(rest[...]) }
    }

    private func read(_ position: Int, _ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(descriptor, buffer.baseAddress! + filled, count - filled, off_t(position + filled))
                if got < 0 && errno == EINTR { continue }
                guard got > 0 else { return }
                filled += got
            }
        }
    }
}
